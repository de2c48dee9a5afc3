-- Who there is, with what the other tables are made of. Ids look like chance and sort as the numbers do.
-- Half of all accounts have one user, one in a thousand has fifty to three hundred.
CREATE TABLE bench_accounts ENGINE = MergeTree ORDER BY n AS
WITH
    intDiv(18446744073709551615, {accounts:UInt64}) AS step,
    cityHash64('account', number) AS h
SELECT
    number AS n,
    concat('a', leftPad(lower(hex(step * number + h % step)), 16, '0')) AS account_id,
    h,
    fromUnixTimestamp64Milli({end:Int64} - toInt64(31536000000 * (h % 1000003) / 1000003), 'UTC') AS joined_at,
    cityHash64('size', number) % 1000 AS large,
    multiIf(large < 550, 1, large < 750, 2, large < 880, 3 + h % 2, large < 970, 5 + h % 6,
            large < 999, 11 + h % 40, 51 + h % 250) AS size,
    multiIf(size > 50, 'large', size > 10, 'mid_market', 'small') AS segment,
    -- How many steps of the journey it comes: everybody takes the first.
    cityHash64('depth', number) % 100 AS far,
    multiIf(far < 25, 1, far < 70, 2, far < 85, 3, far < 88, 4, 5) AS depth,
    -- When it takes each of them.
    arrayMap(
        (moment, nth) -> moment,
        arrayCumSum(arrayMap(
            nth -> if(nth = 0, toUnixTimestamp64Milli(joined_at),
                      toInt64(cityHash64('wait', number, nth) % toUInt64(86400000 * 4 * nth))),
            range(depth)
        )),
        range(depth)
    ) AS steps
FROM numbers({accounts:UInt64})
