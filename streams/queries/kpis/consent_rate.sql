/*
name: consent_rate
title: Consent rate
definition: >-
  Of the users who gave or refused consent in the period, the share whose last answer in it gave it.
  An answer that says neither does not count.
formula: users who gave consent / users who answered × 100
unit: percent
better: higher
kind: leading
grain: week
needs: {roles: [consent.given], views: [people]}
source: product-led growth; no benchmark is published
*/
WITH
    answers AS
    (
        SELECT
            dateTrunc({grain:String}, at) AS period,
            account_id,
            user_id,
            argMax(consent.given, (at, event_id)) AS agrees
        FROM consent
        WHERE at >= from_at
          AND at < to_at
          AND consent.given IS NOT NULL
          AND (everybody OR (account_id, user_id) IN some_users)
        GROUP BY period, account_id, user_id
    )
SELECT
    period,
    countIf(agrees) AS numerator,
    count() AS denominator,
    100 * numerator / denominator AS value
FROM answers
GROUP BY period
