-- How far each account or user came in a journey: of each step the first occurrence counts, one after the
-- other (at the same instant counts as after) and, counted from the first, in time.
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
