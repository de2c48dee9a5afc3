/*
name: activation_rate
title: Activation rate
definition: >-
  Of those who signed up in the period, the share that was activated within 7 days of it. Users
  count, or accounts where `activated` is a milestone of accounts. Who signed up less than 7 days
  ago does not count yet.
formula: activated within 7 days of their sign-up / new users × 100
unit: percent
better: higher
kind: leading
grain: week
needs: {roles: [signed_up, activated], views: [people, accounts]}
settles: 7
benchmarks: {smb: [15, 25, 40], mid_market: [20, 30, 45], enterprise: [10, 20, 35]}
source: product-led growth benchmarks by size of customer
*/
WITH
    newcomers AS
    (
        SELECT account_id, user_id, signed_up_at FROM users WHERE {activated_of:String} != 'account'
        UNION ALL
        SELECT account_id, user_id, signed_up_at FROM customers
        WHERE {activated_of:String} = 'account' AND account_id != ''
    ),
    reached AS
    (
        SELECT account_id, user_id, toNullable(min(at)) AS reached_at
        FROM activated
        GROUP BY account_id, user_id
    )
SELECT
    dateTrunc({grain:String}, newcomers.signed_up_at) AS period,
    countIf(reached_at <= newcomers.signed_up_at + INTERVAL 7 DAY) AS numerator,
    count() AS denominator,
    100 * numerator / denominator AS value
FROM newcomers
LEFT JOIN reached USING (account_id, user_id)
WHERE newcomers.signed_up_at >= from_at
  AND newcomers.signed_up_at < to_at
  AND newcomers.signed_up_at <= now_at - INTERVAL 7 DAY
GROUP BY period
