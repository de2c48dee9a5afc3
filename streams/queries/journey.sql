-- How many entities reached each step of a journey at all, and how many in order, with the median time since
-- the step before: see attempts_of_milestones.sql, which says what in order is.
WITH
    {steps:Array(String)} AS steps,
    {within:Int64} AS within,
    entities AS
    (
        SELECT
            arraySort(groupArray(
                bitShiftLeft(toInt64(indexOf(steps, milestone)), 44) + toUnixTimestamp64Milli(occurred_at) + 2208988800001
            )) AS told,
            arrayFilter(
                (seen, before) -> bitShiftRight(seen, 44) != bitShiftRight(before, 44),
                told,
                arrayPushFront(arrayPopBack(told), 0)
            ) AS firsts,
            arrayMap(seen -> bitAnd(seen, 17592186044415), firsts) AS moments,
            arrayFirstIndex(
                (seen, at, before, place) -> bitShiftRight(seen, 44) != place
                    OR at < before
                    OR (within >= 0 AND at - moments[1] > within),
                firsts,
                moments,
                arrayPushFront(arrayPopBack(moments), 0),
                arrayEnumerate(firsts)
            ) AS broken,
            toUInt32(if(broken = 0, length(firsts), broken - 1)) AS depth,
            arrayDifference(arraySlice(moments, 1, depth)) AS waits
        FROM occurrence_rows
        WHERE milestone IN {steps:Array(String)}
          AND occurrence = 1
          AND (user_id != '') = ({of:String} = 'user')
        GROUP BY account_id, user_id
    ),
    totals AS
    (
        SELECT
            sumMap(
                arrayMap(seen -> bitShiftRight(seen, 44), firsts), arrayMap(seen -> toUInt64(1), firsts)
            ) AS reached,
            countForEach(waits) AS in_order,
            quantileExactForEach(0.5)(waits) AS median_waits
        FROM entities
    )
SELECT
    position,
    totals.reached.2[indexOf(totals.reached.1, position)] AS reached,
    totals.in_order[position] AS in_order,
    median_waits[position] AS median_wait
FROM totals
ARRAY JOIN arrayEnumerate(steps) AS position
ORDER BY position
