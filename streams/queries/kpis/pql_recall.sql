/*
name: pql_recall
title: PQL recall
definition: >-
  Of the customers (accounts, and users without one) that paid for the first time in the period, the
  share that was product-qualified before, or in the same moment. An account is qualified with its
  first user.
formula: qualified when they first paid / customers that first paid × 100
unit: percent
better: higher
kind: lagging
grain: month
needs: {roles: [pql, subscription], views: [people, accounts, mrr_movements]}
source: product-led growth; no benchmark is published
*/
WITH
    qualified AS
    (
        SELECT
            account_id,
            if(account_id = '', user_id, '') AS user_id,
            toNullable(min(at)) AS qualified_at
        FROM pql
        GROUP BY account_id, user_id
    )
SELECT
    dateTrunc({grain:String}, paid_at) AS period,
    countIf(qualified_at <= paid_at) AS numerator,
    count() AS denominator,
    100 * numerator / denominator AS value
FROM first_paid
LEFT JOIN qualified USING (account_id, user_id)
WHERE paid_at >= from_at
  AND paid_at < to_at
  AND (everybody OR (account_id, user_id) IN some_customers)
GROUP BY period
