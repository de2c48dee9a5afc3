-- How many came to each step of a journey or a funnel. What comes before this (attempts_of_….sql) says of
-- each account or user in `entities` the `times` of the steps that it came to, from the first on.
--
-- A row for all of them together (`whole`), and one for each group that is asked for, at each step
-- (`position`, from 1) that anybody came to: how many, the percentiles of the time since the step before
-- (`waits`), and for each of `lengths` who had come by so long after the first step, of those whose first
-- step was so long before `until`.
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
    -- There may be many more that are known than entities: these are looked up in, whose hashes are made.
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
        FROM known
        RIGHT JOIN entities
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
