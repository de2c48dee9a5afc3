-- The best attempt at the steps of a funnel, by the rules of streams/engine/funnels.py: steps that have an
-- order, each of them of names alone, and no name in two. `times` are of the steps that were filled.
--
-- Not FINAL, which would cost more than all the rest: what comes twice has one name and one time, and
-- fills no second step.
--
-- An event is one number, `seen`: 64 times its moment and the place of its step (of 60 at most), so that of
-- one time the earlier step comes first. Moments are milliseconds since the last one of 1899, so that 0 says never.
WITH
    {within:Int64} AS within,
    seen_by AS
    (
        SELECT
            account_id,
            if({of:String} = 'user', user_id, '') AS who,
            arraySort(groupArray(
                64 * (toUnixTimestamp64Milli(at) + 2208988800001)
                + if(
                    event IN {names:Array(String)},
                    {places:Array(UInt8)}[indexOf({names:Array(String)}, event)],
                    {prefix_places:Array(UInt8)}[arrayFirstIndex(prefix -> startsWith(event, prefix), {prefixes:Array(String)})]
                )
            )) AS seen
        FROM event_rows
        WHERE (
            event IN {names:Array(String)}
            -- Without any prefix, names alone are looked for, which takes a third of the time.
            OR (
                notEmpty({prefixes:Array(String)})
                AND arrayExists(prefix -> startsWith(event, prefix), {prefixes:Array(String)})
            )
        )
          AND if({of:String} = 'user', user_id, account_id) != ''
          AND at >= fromUnixTimestamp64Milli({start:Int64})
          AND at <= fromUnixTimestamp64Milli({last:Int64})
        GROUP BY account_id, who
    ),
    entities AS
    (
        SELECT
            account_id,
            who AS user_id,
            -- Of events in a row that fill the same step the first is enough, and of the first step the
            -- last, too: the attempt that it begins can do whatever those before it can, for longer.
            arrayFilter(
                (seen, before, after) -> bitAnd(before, 63) != bitAnd(seen, 63)
                    OR (bitAnd(seen, 63) = 1 AND bitAnd(after, 63) != 1),
                seen,
                arrayPushFront(arrayPopBack(seen), 0),
                arrayPushBack(arrayPopFront(seen), 0)
            ) AS told,
            -- For each step, and there for each event: when the attempt began that has come to this step by
            -- then and began last.
            arrayFold(
                (found, step) -> arrayPushBack(found, arrayFill(
                    begun -> begun != 0,
                    arrayMap(
                        (seen, begun) -> if(
                            bitAnd(seen, 63) = step AND begun != 0
                            AND (within < 0 OR bitShiftRight(seen, 6) - begun <= within),
                            begun,
                            0
                        ),
                        told,
                        found[-1]
                    )
                )),
                range(2, {steps:UInt8} + 1),
                [arrayFill(
                    begun -> begun != 0,
                    arrayMap(seen -> if(bitAnd(seen, 63) = 1, bitShiftRight(seen, 6), 0), told)
                )]
            ) AS attempts,
            arrayFilter(
                begun -> begun != 0,
                arrayMap(attempt -> arrayFirst(begun -> begun != 0, attempt), attempts)
            ) AS first_there,
            arrayMap(at -> at - 2208988800001, arrayFold(
                (filled, step) -> arrayPushBack(filled, bitShiftRight(arrayFirst(
                    seen -> bitAnd(seen, 63) = step AND bitShiftRight(seen, 6) >= filled[-1], told
                ), 6)),
                range(2, length(first_there) + 1),
                [first_there[-1]]
            )) AS times
        FROM seen_by
        WHERE arrayExists(seen -> bitAnd(seen, 63) = 1, seen_by.seen)
    ),
