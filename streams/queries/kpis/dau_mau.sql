/*
name: dau_mau
title: DAU/MAU
definition: >-
  Users active on a day of the period, on the average over its days, for a hundred users active in
  the 30 days up to its end. Of a period that is not over, the days count that are. Active is who
  did anything on a UTC day and is a user of an account, or has signed up.
formula: mean of daily active users / users active in 30 days × 100
unit: percent
better: higher
kind: leading
grain: month
needs: {views: [people, active_days]}
source: product-led growth; no benchmark is published
*/
WITH
    spans AS
    (
        SELECT
            period,
            toDate32(starts_at) AS first_day,
            least(toDate32(ends_at), toDate32(now_at)) - 1 AS last_day
        FROM periods
        WHERE last_day >= first_day
    ),
    there AS
    (
        SELECT day, account_id, user_id
        FROM active_days
        WHERE day >= toDate32(from_at) - 30
          AND day < toDate32(to_at)
          AND (account_id, user_id) IN members
    )
SELECT
    period,
    countIf(day >= first_day) / (dateDiff('day', any(first_day), any(last_day)) + 1) AS numerator,
    uniqExactIf((account_id, user_id), day > last_day - 30) AS denominator,
    100 * numerator / nullIf(denominator, 0) AS value
FROM spans
CROSS JOIN there
WHERE day > least(last_day - 30, first_day - 1) AND day <= last_day
GROUP BY period
