/*
name: pql_conversion
title: PQL conversion
definition: >-
  Of those who became product-qualified in the period for the first time, the share whose account (a
  user without one: who themselves) has begun to pay since. Who paid before does not count.
formula: PQLs that paid / PQLs × 100
unit: percent
better: higher
kind: lagging
grain: month
needs: {roles: [pql, subscription], views: [mrr_movements]}
settles: 30
benchmarks: {smb: [10, 15, 25], mid_market: [12, 18, 30], enterprise: [8, 12, 20]}
source: product-led growth benchmarks by size of customer
*/
WITH
    qualified AS
    (
        SELECT account_id, if(account_id = '', user_id, '') AS customer, min(at) AS qualified_at
        FROM pql
        GROUP BY account_id, user_id
        HAVING qualified_at >= from_at AND qualified_at < to_at
    )
SELECT
    dateTrunc({grain:String}, qualified_at) AS period,
    countIf(paid_at >= qualified_at) AS numerator,
    count() AS denominator,
    100 * numerator / denominator AS value
FROM qualified
LEFT JOIN first_paid
    ON first_paid.account_id = qualified.account_id AND first_paid.user_id = qualified.customer
WHERE (paid_at IS NULL OR paid_at >= qualified_at)
  AND (everybody OR (qualified.account_id, qualified.customer) IN some_customers)
GROUP BY period
