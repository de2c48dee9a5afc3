-- When each entity reached the steps of a journey, as far as it came: the first occurrence of each,
-- one after the other (at the same instant counts as after) and, counted from the first, in time.
WITH
    {steps:Array(String)} AS steps,
    {within:Int64} AS within,
    reached AS
    (
        SELECT account_id, user_id, milestone, toUnixTimestamp64Milli(occurred_at) AS reached_at
        FROM milestones
        WHERE milestone IN {steps:Array(String)}
          AND occurrence = 1
          AND (user_id != '') = ({of:String} = 'user')
          AND occurred_at >= fromUnixTimestamp64Milli({start:Int64})
          AND occurred_at <= fromUnixTimestamp64Milli({last:Int64})
    ),
    entities AS
    (
        SELECT
            account_id,
            user_id,
            mapFromArrays(groupArray(toString(milestone)), groupArray(reached_at)) AS first,
            arrayMap(step -> if(mapContains(first, step), first[step], NULL), steps) AS times,
            arrayFirstIndex(
                (at, before) -> isNull(at) OR at < ifNull(before, at)
                    OR (within >= 0 AND at - times[1] > within),
                times,
                arrayPushFront(arrayPopBack(times), NULL)
            ) AS broken,
            toUInt32(if(broken = 0, length(steps), broken - 1)) AS depth
        FROM reached
        GROUP BY account_id, user_id
    )
SELECT account_id, user_id, arrayMap(at -> assumeNotNull(at), arraySlice(times, 1, depth)) AS filled
FROM entities
WHERE depth > 0
