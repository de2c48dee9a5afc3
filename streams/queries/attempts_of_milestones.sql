-- How far each account or user came in a journey: of each step the first occurrence counts, one after the
-- other (at the same instant counts as after) and, counted from the first, in time.
--
-- An occurrence is one number, `seen`: its moment, and above that, from bit 44 on, the place of its step.
-- Moments are milliseconds since the last one of 1899, so that 0 says never.
WITH
    {steps:Array(String)} AS steps,
    {within:Int64} AS within,
    -- Not FINAL, which would cost more than all the rest: what an entity has more than once, to be merged
    -- later, is put in order below, and the earliest counts.
    entities AS
    (
        SELECT
            account_id,
            user_id,
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
                    OR at - 2208988800001 NOT BETWEEN {start:Int64} AND {last:Int64}
                    OR at < before
                    OR (within >= 0 AND at - moments[1] > within),
                firsts,
                moments,
                arrayPushFront(arrayPopBack(moments), 0),
                arrayEnumerate(firsts)
            ) AS broken,
            arrayMap(
                at -> at - 2208988800001,
                arraySlice(moments, 1, toUInt32(if(broken = 0, length(firsts), broken - 1)))
            ) AS times
        FROM occurrence_rows
        WHERE milestone IN {steps:Array(String)}
          AND occurrence = 1
          AND (user_id != '') = ({of:String} = 'user')
        GROUP BY account_id, user_id
    ),
