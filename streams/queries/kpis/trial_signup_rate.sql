/*
name: trial_signup_rate
title: Trial sign-up rate
definition: >-
  Of the customers (accounts, and users without one) that signed up in the period, the share whose
  trial began within 7 days of it. An account signs up with its first user. Who signed up less than
  7 days ago does not count yet.
formula: trial begun within 7 days of the sign-up / customers that signed up × 100
unit: percent
better: higher
kind: leading
grain: week
needs: {roles: [signed_up, trial_started], views: [people, accounts]}
settles: 7
source: product-led growth; no benchmark is published
*/
WITH
    trials AS
    (
        SELECT account_id, if(account_id = '', user_id, '') AS user_id, toNullable(min(at)) AS began_at
        FROM trial_started
        GROUP BY account_id, user_id
    )
SELECT
    dateTrunc({grain:String}, customers.signed_up_at) AS period,
    countIf(began_at <= customers.signed_up_at + INTERVAL 7 DAY) AS numerator,
    count() AS denominator,
    100 * numerator / denominator AS value
FROM customers
LEFT JOIN trials USING (account_id, user_id)
WHERE customers.signed_up_at >= from_at
  AND customers.signed_up_at < to_at
  AND customers.signed_up_at <= now_at - INTERVAL 7 DAY
GROUP BY period
