/*
name: fake_account_ratio
title: Fake account ratio
definition: >-
  Of the customers (accounts, and users without one that signed up) that were first seen in the
  period, the share that was found to be made up, at any time until now. An account is, where any of
  its users is.
formula: customers found to be made up / customers first seen × 100
unit: percent
better: lower
kind: leading
grain: week
needs: {roles: [fake_account], views: [people, accounts]}
source: product-led growth; no benchmark is published
*/
WITH
    fakes AS
    (
        SELECT account_id, if(account_id = '', user_id, '') AS user_id FROM fake_account
    )
SELECT
    dateTrunc({grain:String}, first_seen) AS period,
    countIf((account_id, user_id) IN fakes) AS numerator,
    count() AS denominator,
    100 * numerator / denominator AS value
FROM customers
WHERE first_seen >= from_at
  AND first_seen < to_at
  AND (account_id != '' OR signed_up_at IS NOT NULL)
GROUP BY period
