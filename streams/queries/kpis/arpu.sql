/*
name: arpu
title: Revenue per active user (ARPU)
definition: >-
  MRR at the end of the period for each user who was active in it, whether their account pays or not.
  Visitors, who are of no account and never signed up, are no users yet. A cohort or channel is that of the customer: an account, or a user without one.
formula: MRR / active users
unit: money
better: higher
kind: lagging
grain: month
needs: {roles: [subscription.amount], views: [subscriptions, active_days, people]}
benchmarks: {smb: [75], mid_market: [350], enterprise: [2500]}
source: product-led growth benchmarks by size of customer
*/
WITH
    active AS
    (
        SELECT dateTrunc({grain:String}, toDateTime64(day, 3, 'UTC')) AS period, uniqExact(account_id, user_id) AS people
        FROM active_days
        WHERE day >= toDate32(from_at)
          AND day < toDate32(to_at)
          AND (account_id != '' OR (account_id, user_id) IN members)
          AND (everybody OR (account_id, if(account_id = '', user_id, '')) IN some_customers)
        GROUP BY period
    ),
    paid AS
    (
        SELECT period, sum(subscriptions.mrr) AS mrr
        FROM periods
        CROSS JOIN subscriptions
        WHERE started_at < ends_at
          AND (ended_at IS NULL OR ended_at >= ends_at)
          AND (everybody OR (account_id, user_id) IN some_customers)
        GROUP BY period
    )
SELECT period, mrr AS numerator, people AS denominator, numerator / denominator AS value
FROM active
LEFT JOIN paid USING (period)
