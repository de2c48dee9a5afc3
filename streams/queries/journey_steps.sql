-- How many entities came to each step of a journey, in order: of each step the first occurrence counts,
-- one after the other (at the same instant counts as after) and, counted from the first, in time.
--
-- A row for all of them together (`whole`), and one for each group that is asked for, at each step
-- (`position`, from 1) that anybody came to: how many, the percentiles of the time since the step before
-- (`waits`), and for each of `lengths` who had come by so long after the first step, of those whose first
-- step was so long before `until`.
--
-- Moments are milliseconds since the last one of 1899, so that 0 says never.
WITH
    {steps:Array(String)} AS steps,
    {within:Int64} AS within,
    -- Not FINAL: see journey.sql.
    reached AS
    (
        SELECT
            account_id,
            user_id,
            indexOf(steps, milestone) AS place,
            toUnixTimestamp64Milli(occurred_at) + 2208988800001 AS moment
        FROM occurrence_rows
        WHERE milestone IN {steps:Array(String)}
          AND occurrence = 1
          AND (user_id != '') = ({of:String} = 'user')
    ),
    entities AS
    (
        SELECT
            account_id,
            user_id,
            arraySort(groupArray((place, moment))) AS told,
            arrayMap(
                step -> tupleElement(arrayFirst(one -> tupleElement(one, 1) = indexOf(steps, step), told), 2),
                steps
            ) AS firsts,
            arrayMap(
                at -> if(at - 2208988800001 BETWEEN {start:Int64} AND {last:Int64}, at, 0), firsts
            ) AS moments,
            arrayFirstIndex(
                (at, before) -> at = 0 OR at < before OR (within >= 0 AND at - moments[1] > within),
                moments,
                arrayPushFront(arrayPopBack(moments), 0)
            ) AS broken,
            arrayMap(
                at -> at - 2208988800001,
                arraySlice(moments, 1, toUInt32(if(broken = 0, length(steps), broken - 1)))
            ) AS times
        FROM reached
        GROUP BY account_id, user_id
    ),
    -- The segment is that of the account, and of a user without one their own.
    known AS
    (
        SELECT account_id, user_id, toNullable(toString(segment)) AS label
        FROM segment_rows FINAL
        WHERE {by:String} = 'segment' AND (account_id = '' OR user_id = '') AND segment != ''
        UNION ALL
        SELECT
            account_id,
            if({of:String} = 'user', user_id, '') AS who,
            toNullable(toString(toDate32(min(at)) - (toDayOfWeek(min(at)) - 1))) AS label
        FROM fact_rows
        WHERE {by:String} = 'sign-up week' AND role = 'signed_up' AND if({of:String} = 'user', user_id, account_id) != ''
        GROUP BY account_id, who
    ),
    attempts AS
    (
        SELECT
            times,
            toDate32(fromUnixTimestamp64Milli(times[1], 'UTC')) AS day,
            multiIf(
                {by:String} = 'day', toNullable(toString(day)),
                {by:String} = 'week', toNullable(toString(day - (toDayOfWeek(day) - 1))),
                {by:String} = 'month', toNullable(toString(day - (toDayOfMonth(day) - 1))),
                known.label
            ) AS label
        FROM entities
        LEFT JOIN known
        ON known.account_id = entities.account_id
        AND known.user_id = if({by:String} = 'segment' AND entities.account_id != '', '', entities.user_id)
        WHERE notEmpty(times)
    )
SELECT
    tupleElement(put, 1) AS whole,
    tupleElement(put, 2) AS name,
    position,
    count() AS count,
    quantilesExactInclusive(0.5, 0.75, 0.9)(times[position] - times[greatest(position - 1, 1)]) AS waits,
    sumForEach(arrayMap(
        length -> toUInt64(times[position] - times[1] <= length AND {until:Int64} - times[1] >= length),
        {lengths:Array(Int64)}
    )) AS by_length
FROM attempts
ARRAY JOIN if({by:String} = '', [(true, NULL)], [(true, NULL), (false, label)]) AS put
ARRAY JOIN arrayEnumerate(times) AS position
GROUP BY whole, name, position
ORDER BY whole DESC, name, position
