/*
name: product_sharing_rate
title: Product sharing rate
definition: >-
  Of the users who were active in the period, the share that shared something made with the product
  in it. Active is who did anything and is a user of an account, or has signed up.
formula: users who shared something / active users × 100
unit: percent
better: higher
kind: leading
grain: week
needs: {roles: [product_shared], views: [people, active_days]}
source: product-led growth; no benchmark is published
*/
WITH
    there AS
    (
        SELECT dateTrunc({grain:String}, day) AS period, account_id, user_id, false AS shares
        FROM active_days
        WHERE day >= toDate32(from_at) AND day < toDate32(to_at)
        UNION ALL
        SELECT dateTrunc({grain:String}, at) AS period, account_id, user_id, true AS shares
        FROM product_shared
        WHERE at >= from_at AND at < to_at
    )
SELECT
    period,
    uniqExactIf((account_id, user_id), shares) AS numerator,
    uniqExact(account_id, user_id) AS denominator,
    100 * numerator / denominator AS value
FROM there
WHERE (account_id, user_id) IN members
GROUP BY period
