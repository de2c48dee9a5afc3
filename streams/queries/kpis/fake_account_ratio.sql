/*
name: fake_account_ratio
title: Fake account ratio
definition: >-
  Of the accounts that were first seen in the period, the share that an abuse rule with `fake` has
  flagged, at any time until now; 0 where there is no such rule.
formula: accounts flagged as fake / accounts first seen × 100
unit: percent
better: lower
kind: leading
grain: week
needs: {views: [accounts, flags]}
source: product-led growth; no benchmark is published
*/
WITH
    fakes AS
    (
        SELECT account_id FROM flags WHERE fake
    )
SELECT
    dateTrunc({grain:String}, first_seen) AS period,
    countIf(account_id IN fakes) AS numerator,
    count() AS denominator,
    100 * numerator / denominator AS value
FROM customers
WHERE first_seen >= from_at
  AND first_seen < to_at
  AND account_id != ''
GROUP BY period
