/*
name: pql_rate
title: Accounts reaching PQL
definition: >-
  Of the customers (accounts, and users without one) that signed up in the period, the share that
  was product-qualified within 30 days of it. An account signs up with its first user, and is
  qualified with its first user. Who signed up less than 30 days ago does not count yet.
formula: product-qualified within 30 days of the sign-up / customers that signed up × 100
unit: percent
better: higher
kind: leading
grain: week
needs: {roles: [signed_up, pql], views: [people, accounts]}
settles: 30
source: product-led growth; no benchmark is published
*/
WITH
    qualified AS
    (
        SELECT
            account_id,
            if(account_id = '', user_id, '') AS user_id,
            toNullable(min(at)) AS qualified_at
        FROM pql
        GROUP BY account_id, user_id
    )
SELECT
    dateTrunc({grain:String}, customers.signed_up_at) AS period,
    countIf(qualified_at <= customers.signed_up_at + INTERVAL 30 DAY) AS numerator,
    count() AS denominator,
    100 * numerator / denominator AS value
FROM customers
LEFT JOIN qualified USING (account_id, user_id)
WHERE customers.signed_up_at >= from_at
  AND customers.signed_up_at < to_at
  AND customers.signed_up_at <= now_at - INTERVAL 30 DAY
GROUP BY period
