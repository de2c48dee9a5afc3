/*
name: self_serve_upsell_revenue
title: Self-serve upsell revenue
definition: >-
  MRR that customers which paid already added in the period by a change to another plan that costs
  more, without sales (`self_serve`). More of the same plan is expansion, but no upsell.
formula: sum of the amounts by which MRR grew
unit: money
better: higher
kind: lagging
grain: month
needs:
  roles: [subscription.amount, subscription.plan, subscription.self_serve]
  views: [people, accounts, mrr_movements]
details: {customers: who added something}
source: product-led growth; no benchmark is published
*/
SELECT
    periods.period AS period,
    sum(growth.amount) AS value,
    uniqExactIf((growth.account_id, growth.user_id), growth.amount > 0) AS customers
FROM periods
LEFT JOIN
(
    SELECT dateTrunc({grain:String}, at) AS period, account_id, user_id, amount
    FROM mrr_movements
    WHERE kind = 'expansion'
      AND self_serve
      AND plan_before != ''
      AND plan != plan_before
      AND at >= from_at
      AND at < to_at
      AND (everybody OR (account_id, user_id) IN some_customers)
) AS growth ON growth.period = periods.period
GROUP BY period
