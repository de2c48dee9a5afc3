-- How many entities reached each step of a journey, in order. For every entity `moments` holds the
-- first occurrence of each step, and `depth` the number of leading steps that it reached one
-- after the other (at the same instant counts as after) and, counted from the first, in time.
-- Moments are milliseconds since the last one of 1899, so that 0 says never.
WITH
    {steps:Array(String)} AS steps,
    {within:Int64} AS within,
    -- Not FINAL, which would cost more than all the rest: what an entity has more than once, to be merged
    -- later, is put in order below, and the earliest counts.
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
            arraySort(groupArray((place, moment))) AS told,
            arrayMap(
                step -> tupleElement(arrayFirst(one -> tupleElement(one, 1) = indexOf(steps, step), told), 2),
                steps
            ) AS moments,
            arrayFirstIndex(
                (at, before) -> at = 0 OR at < before OR (within >= 0 AND at - moments[1] > within),
                moments,
                arrayPushFront(arrayPopBack(moments), 0)
            ) AS broken,
            toUInt32(if(broken = 0, length(steps), broken - 1)) AS depth,
            arrayDifference(arraySlice(moments, 1, depth)) AS waits
        FROM reached
        GROUP BY account_id, user_id
    ),
    totals AS
    (
        SELECT
            sumForEach(arrayMap(at -> toUInt64(at > 0), moments)) AS reached,
            countForEach(waits) AS in_order,
            quantileExactForEach(0.5)(waits) AS median_waits
        FROM entities
    )
SELECT
    position,
    totals.reached[position] AS reached,
    totals.in_order[position] AS in_order,
    median_waits[position] AS median_wait
FROM totals
ARRAY JOIN arrayEnumerate(totals.reached) AS position
ORDER BY position
