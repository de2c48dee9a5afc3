/*
name: self_serve_checkout_rate
title: Self-serve checkout rate
definition: >-
  Of the customers (accounts, and users without one) that began a checkout in the period, the share
  that completed one within 24 hours of a beginning in it. A checkout that began less than 24 hours
  ago does not count yet.
formula: customers that completed a checkout / customers that began one × 100
unit: percent
better: higher
kind: leading
grain: week
needs: {roles: [checkout_started, checkout_completed], views: [people, accounts]}
settles: 1
source: product-led growth; no benchmark is published
*/
WITH
    begun AS
    (
        SELECT account_id, if(account_id = '', user_id, '') AS user_id, at AS begun_at
        FROM checkout_started
        WHERE at >= from_at AND at < to_at AND at <= now_at - INTERVAL 1 DAY
    ),
    completed AS
    (
        SELECT account_id, if(account_id = '', user_id, '') AS user_id, at AS completed_at
        FROM checkout_completed
    ),
    tried AS
    (
        SELECT
            dateTrunc({grain:String}, begun_at) AS period,
            account_id,
            user_id,
            countIf(completed_at >= begun_at AND completed_at <= begun_at + INTERVAL 1 DAY) > 0 AS completes
        FROM begun
        LEFT JOIN completed USING (account_id, user_id)
        WHERE everybody OR (account_id, user_id) IN some_customers
        GROUP BY period, account_id, user_id
    )
SELECT
    period,
    countIf(completes) AS numerator,
    count() AS denominator,
    100 * numerator / denominator AS value
FROM tried
GROUP BY period
