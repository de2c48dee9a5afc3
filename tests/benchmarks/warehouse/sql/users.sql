-- A third is there for a day, a fifth for months, on one to six days in ten.
CREATE TABLE bench_users ENGINE = MergeTree ORDER BY (n, k) AS
SELECT
    n,
    k,
    account_id,
    concat('u', leftPad(lower(hex(cityHash64('user', n, k))), 16, '0')) AS user_id,
    cityHash64('life', n, k) AS h,
    fromUnixTimestamp64Milli(
        toUnixTimestamp64Milli(account_joined_at)
        + if(k = 0, 0, toInt64(({end:Int64} - toUnixTimestamp64Milli(account_joined_at)) * pow((h % 1009) / 1009, 3))),
        'UTC'
    ) AS joined_at,
    toUInt32(({end:Int64} - toUnixTimestamp64Milli(joined_at)) / 86400000 + 1) AS age,
    intDiv(h, 1009) % 100 AS stays,
    least(age, multiIf(stays < 35, 1, stays < 60, 2 + h % 12, stays < 80, 14 + h % 60, 60 + h % 305)) AS life,
    15 + intDiv(h, 7919) % 50 AS pace,
    segment
FROM (SELECT n, account_id, joined_at AS account_joined_at, segment, arrayJoin(range(size)) AS k FROM bench_accounts)
