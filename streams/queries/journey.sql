-- How many entities reached each step of a journey, in order. For every entity `times` holds the
-- first occurrence of each step, and `depth` the number of leading steps that it reached one
-- after the other (at the same instant counts as after) and, counted from the first, in time.
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
            toNullable(toUnixTimestamp64Milli(occurred_at)) AS reached_at
        FROM occurrence_rows
        WHERE milestone IN {steps:Array(String)}
          AND occurrence = 1
          AND (user_id != '') = ({of:String} = 'user')
    ),
    entities AS
    (
        SELECT
            arraySort(groupArray((place, reached_at))) AS told,
            arrayMap(
                step -> tupleElement(arrayFirst(one -> tupleElement(one, 1) = indexOf(steps, step), told), 2),
                steps
            ) AS times,
            arrayFirstIndex(
                (at, before) -> isNull(at) OR at < ifNull(before, at)
                    OR (within >= 0 AND at - times[1] > within),
                times,
                arrayPushFront(arrayPopBack(times), NULL)
            ) AS broken,
            if(broken = 0, length(steps), broken - 1) AS depth
        FROM reached
        GROUP BY account_id, user_id
    )
SELECT
    position,
    countIf(isNotNull(times[position])) AS reached,
    countIf(depth >= position) AS in_order,
    quantileExactIf(0.5)(
        ifNull(times[position] - times[greatest(position - 1, 1)], 0),
        depth >= position
    ) AS median_wait
FROM entities
ARRAY JOIN arrayEnumerate(steps) AS position
GROUP BY position
ORDER BY position
