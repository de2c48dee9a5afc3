/*
name: pql_precision
title: PQL precision
definition: >-
  Of the customers (accounts, and users without one) that were first product-qualified in the period
  and had not paid before, the share that paid for the first time within 30 days of it. An account
  is qualified with its first user. Who was qualified less than 30 days ago does not count yet.
formula: PQLs that paid within 30 days / PQLs × 100
unit: percent
better: higher
kind: lagging
grain: month
needs: {roles: [pql, subscription], views: [people, accounts, mrr_movements]}
settles: 30
source: product-led growth; no benchmark is published
*/
WITH
    qualified AS
    (
        SELECT account_id, if(account_id = '', user_id, '') AS user_id, min(at) AS qualified_at
        FROM pql
        GROUP BY account_id, user_id
    )
SELECT
    dateTrunc({grain:String}, qualified_at) AS period,
    countIf(paid_at <= qualified_at + INTERVAL 30 DAY) AS numerator,
    count() AS denominator,
    100 * numerator / denominator AS value
FROM qualified
LEFT JOIN first_paid USING (account_id, user_id)
WHERE qualified_at >= from_at
  AND qualified_at < to_at
  AND qualified_at <= now_at - INTERVAL 30 DAY
  AND (paid_at IS NULL OR paid_at >= qualified_at)
  AND (everybody OR (account_id, user_id) IN some_customers)
GROUP BY period
