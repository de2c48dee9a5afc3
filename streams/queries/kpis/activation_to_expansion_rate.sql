/*
name: activation_to_expansion_rate
title: Activation-to-expansion rate
definition: >-
  Of the customers (accounts, and users without one) that were activated in the period, the share
  that showed the need for more (`expansion`) within 30 days of it. An account is activated with its
  first user, and shows what any of its users does. Who was activated less than 30 days ago does not
  count yet.
formula: in need of more within 30 days of the activation / customers activated × 100
unit: percent
better: higher
kind: lagging
grain: month
needs: {roles: [activated, expansion], views: [people, accounts]}
settles: 30
source: product-led growth; no benchmark is published
*/
WITH
    activations AS
    (
        SELECT account_id, if(account_id = '', user_id, '') AS user_id, min(at) AS activated_at
        FROM activated
        GROUP BY account_id, user_id
    ),
    signals AS
    (
        SELECT account_id, if(account_id = '', user_id, '') AS user_id, at AS signal_at
        FROM expansion
    ),
    followed AS
    (
        SELECT
            account_id,
            user_id,
            activated_at,
            countIf(signal_at >= activated_at AND signal_at <= activated_at + INTERVAL 30 DAY) > 0 AS expands
        FROM activations
        LEFT JOIN signals USING (account_id, user_id)
        WHERE activated_at >= from_at
          AND activated_at < to_at
          AND activated_at <= now_at - INTERVAL 30 DAY
          AND (everybody OR (account_id, user_id) IN some_customers)
        GROUP BY account_id, user_id, activated_at
    )
SELECT
    dateTrunc({grain:String}, activated_at) AS period,
    countIf(expands) AS numerator,
    count() AS denominator,
    100 * numerator / denominator AS value
FROM followed
GROUP BY period
