/*
name: time_to_value
title: Time to value
definition: >-
  Median days from the sign-up to the moment of value (role `value`), of those who came to it in the
  period for the first time. Users count, or accounts where it is a milestone of accounts. Value that
  came before the sign-up took 0 days.
formula: median of (first value − sign-up)
unit: days
better: lower
kind: leading
grain: week
needs: {roles: [signed_up, value], views: [people, accounts]}
details: {mean: mean days}
benchmarks: {smb: [5, 3, 1], mid_market: [7, 5, 3], enterprise: [14, 10, 7]}
source: product-led growth benchmarks by size of customer
*/
WITH
    newcomers AS
    (
        SELECT account_id, user_id, signed_up_at FROM users WHERE {value_of:String} != 'account'
        UNION ALL
        SELECT account_id, user_id, signed_up_at FROM customers
        WHERE {value_of:String} = 'account' AND account_id != ''
    ),
    reached AS
    (
        SELECT account_id, user_id, min(at) AS reached_at
        FROM value
        GROUP BY account_id, user_id
        HAVING reached_at >= from_at AND reached_at < to_at
    ),
    spans AS
    (
        SELECT
            dateTrunc({grain:String}, reached_at) AS period,
            greatest(dateDiff('millisecond', assumeNotNull(signed_up_at), reached_at), 0) / 86400000 AS days
        FROM reached
        INNER JOIN newcomers USING (account_id, user_id)
        WHERE signed_up_at IS NOT NULL
    )
SELECT
    period,
    quantileExactInclusive(0.5)(days) AS value,
    count() AS denominator,
    avg(days) AS mean
FROM spans
GROUP BY period
