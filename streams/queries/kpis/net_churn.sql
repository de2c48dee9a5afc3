/*
name: net_churn
title: Net churn
definition: >-
  What was lost of the MRR that the period began with, less what the same customers pay more: below 0
  where they grow faster than others go. Who left and came back in the period is not lost.
formula: (lost MRR − expansion MRR) / MRR at the start × 100
unit: percent
better: lower
kind: lagging
grain: month
needs:
  roles: [subscription.amount, subscription_ended]
  views: [subscriptions, mrr_movements]
details: {lost: MRR lost by churn and contraction, added: MRR added by expansion}
benchmarks: {smb: [-5], mid_market: [-2], enterprise: [0]}
source: product-led growth benchmarks by size of customer
*/
SELECT
    period,
    sum(moved.lost) AS lost,
    sum(moved.added) AS added,
    lost - added AS numerator,
    sum(mrr) AS denominator,
    100 * numerator / nullIf(denominator, 0) AS value
FROM opening
LEFT JOIN moved USING (period, account_id, user_id)
GROUP BY period
