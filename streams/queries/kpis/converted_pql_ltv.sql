/*
name: converted_pql_ltv
title: Converted PQL lifetime value
definition: >-
  What the customers (accounts, and users without one) that were product-qualified when they first
  paid have paid until now, for each of them, by the period of the first payment. MRR is paid for as
  long as it lasts, and a month has 30.4375 days. The value of a period grows as long as its
  customers stay. An account is qualified with its first user.
formula: sum of MRR × months that it was paid / customers
unit: money
better: higher
kind: lagging
grain: month
needs: {roles: [pql, subscription.amount], views: [people, accounts, mrr_movements, subscriptions]}
source: product-led growth; no benchmark is published
*/
WITH
    qualified AS
    (
        SELECT account_id, if(account_id = '', user_id, '') AS user_id, min(at) AS qualified_at
        FROM pql
        GROUP BY account_id, user_id
    ),
    converted AS
    (
        SELECT account_id, user_id, paid_at
        FROM first_paid
        INNER JOIN qualified USING (account_id, user_id)
        WHERE paid_at >= from_at
          AND paid_at < least(to_at, now_at)
          AND qualified_at <= paid_at
          AND (everybody OR (account_id, user_id) IN some_customers)
    )
SELECT
    dateTrunc({grain:String}, paid_at) AS period,
    sumIf(
        mrr * dateDiff('millisecond', started_at, least(ifNull(ended_at, now_at), now_at)),
        started_at < now_at
    ) / 86400000 / 30.4375 AS numerator,
    uniqExact(account_id, user_id) AS denominator,
    numerator / denominator AS value
FROM converted
INNER JOIN subscriptions USING (account_id, user_id)
GROUP BY period
