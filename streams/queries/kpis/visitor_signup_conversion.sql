/*
name: visitor_signup_conversion
title: Visitor-to-sign-up conversion
definition: >-
  Users who signed up in the period, for a hundred visitors of it: users, known or anonymous, who
  saw the public pages. Visitors are not followed to their sign-up, since they are anonymous until
  then. A visitor counts once in a period, and a user in the period of the first sign-up. The
  channel is that of the visit, and that of the sign-up.
formula: users who signed up / visitors × 100
unit: percent
better: higher
kind: leading
grain: week
needs: {roles: [visit, signed_up], views: [people]}
filters: [channel]
source: product-led growth; no benchmark is published
*/
WITH
    came AS
    (
        SELECT dateTrunc({grain:String}, at) AS period, account_id, user_id, false AS signs_up
        FROM visit
        WHERE at >= from_at AND at < to_at AND ({channel:String} = '' OR channel = {channel:String})
        UNION ALL
        SELECT dateTrunc({grain:String}, signed_up_at) AS period, account_id, user_id, true AS signs_up
        FROM users
        WHERE signed_up_at >= from_at AND signed_up_at < to_at
    )
SELECT
    period,
    uniqExactIf((account_id, user_id), signs_up) AS numerator,
    uniqExactIf((account_id, user_id), NOT signs_up) AS denominator,
    100 * numerator / nullIf(denominator, 0) AS value
FROM came
GROUP BY period
