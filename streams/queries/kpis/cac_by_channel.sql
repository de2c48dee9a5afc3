/*
name: cac_by_channel
title: Cost to win a customer (CAC)
definition: >-
  What was spent on a channel in the period, for each customer that it won: who paid for the first time
  in the period, and whose first sign-up that says a channel says this one. What was spent is not known
  by segment or cohort. The published figures are those of organic channels (SMB), paid ones
  (mid-market) and sales-assisted ones (enterprise).
formula: spend on the channel / customers won by it
unit: money
better: lower
kind: lagging
grain: quarter
needs: {roles: [spend, subscription, signed_up.channel], views: [accounts, people, mrr_movements]}
filters: [channel]
group: channel
benchmarks: {smb: [200], mid_market: [700], enterprise: [15000]}
source: product-led growth benchmarks by size of customer
*/
WITH
    spent AS
    (
        SELECT dateTrunc({grain:String}, at) AS period, channel, sum(ifNull(value, 0)) AS amount
        FROM spend
        WHERE at >= from_at AND at < to_at AND {channel:String} IN ('', channel)
        GROUP BY period, channel
    ),
    won AS
    (
        SELECT dateTrunc({grain:String}, assumeNotNull(paid_at)) AS period, channel, count() AS customers
        FROM first_paid
        INNER JOIN customers USING (account_id, user_id)
        WHERE paid_at >= from_at AND paid_at < to_at
        GROUP BY period, channel
    )
SELECT
    period,
    channel AS group,
    amount AS numerator,
    won.customers AS denominator,
    numerator / nullIf(denominator, 0) AS value
FROM spent
LEFT JOIN won USING (period, channel)
