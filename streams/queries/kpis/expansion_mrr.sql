/*
name: expansion_mrr
title: Expansion MRR
definition: >-
  MRR that those who were customers when the period began added in it by paying more, as a share of all
  that they paid then.
formula: added MRR of existing customers / their MRR at the start × 100
unit: percent
better: higher
kind: lagging
grain: month
needs: {roles: [subscription.amount], views: [subscriptions, mrr_movements]}
details: {added: the MRR added}
benchmarks: {smb: [5, 10, 20], mid_market: [8, 15, 25], enterprise: [10, 20, 30]}
source: product-led growth benchmarks by size of customer
*/
SELECT
    period,
    sum(moved.added) AS added,
    added AS numerator,
    sum(mrr) AS denominator,
    100 * numerator / nullIf(denominator, 0) AS value
FROM opening
LEFT JOIN moved USING (period, account_id, user_id)
GROUP BY period
