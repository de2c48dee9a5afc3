/*
name: gross_churn
title: Gross churn
definition: >-
  Of the customers who paid when the period began, the share that no longer pays at its end. Who left
  and came back in the period is not lost.
formula: lost customers / customers at the start × 100
unit: percent
better: lower
kind: lagging
grain: month
needs: {roles: [subscription, subscription_ended], views: [subscriptions]}
benchmarks: {smb: [8, 5, 3], mid_market: [6, 4, 2], enterprise: [4, 3, 1.5]}
source: product-led growth benchmarks by size of customer
*/
WITH
    closing AS
    (
        SELECT period, account_id, user_id, true AS pays
        FROM periods
        CROSS JOIN subscriptions
        WHERE started_at < ends_at AND (ended_at IS NULL OR ended_at >= ends_at)
    )
SELECT
    period,
    countIf(NOT pays) AS numerator,
    count() AS denominator,
    100 * numerator / denominator AS value
FROM opening
LEFT JOIN closing USING (period, account_id, user_id)
GROUP BY period
