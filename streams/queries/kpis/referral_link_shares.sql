/*
name: referral_link_shares
title: Referral link shares
definition: How often users shared a referral link in the period.
formula: number of times that a link was shared
unit: count
better: higher
kind: leading
grain: week
needs: {roles: [referral_shared], views: [people]}
details: {sharers: users who shared one}
source: product-led growth; no benchmark is published
*/
SELECT
    periods.period AS period,
    countIf(shares.shared) AS value,
    uniqExactIf((shares.account_id, shares.user_id), shares.shared) AS sharers
FROM periods
LEFT JOIN
(
    SELECT dateTrunc({grain:String}, at) AS period, account_id, user_id, true AS shared
    FROM referral_shared
    WHERE at >= from_at AND at < to_at AND (everybody OR (account_id, user_id) IN some_users)
) AS shares ON shares.period = periods.period
GROUP BY period
