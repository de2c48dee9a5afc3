/*
name: activation_conversion_rate
title: Activation conversion rate
definition: >-
  Of the customers (accounts, and users without one) that were activated in the period and had not
  paid before, the share that paid for the first time within 30 days of it. An account is activated
  with its first user. Who was activated less than 30 days ago does not count yet.
formula: paid within 30 days of the activation / customers activated before they paid × 100
unit: percent
better: higher
kind: lagging
grain: month
needs: {roles: [activated, subscription], views: [people, accounts, mrr_movements]}
settles: 30
source: product-led growth; no benchmark is published
*/
WITH
    activations AS
    (
        SELECT account_id, if(account_id = '', user_id, '') AS user_id, min(at) AS activated_at
        FROM activated
        GROUP BY account_id, user_id
    )
SELECT
    dateTrunc({grain:String}, activated_at) AS period,
    countIf(paid_at <= activated_at + INTERVAL 30 DAY) AS numerator,
    count() AS denominator,
    100 * numerator / denominator AS value
FROM activations
LEFT JOIN first_paid USING (account_id, user_id)
WHERE activated_at >= from_at
  AND activated_at < to_at
  AND activated_at <= now_at - INTERVAL 30 DAY
  AND (isNull(paid_at) OR paid_at >= activated_at)
  AND (everybody OR (account_id, user_id) IN some_customers)
GROUP BY period
