/*
name: pql_lift
title: PQL lift
definition: >-
  How many times as often a PQL pays as anybody: the share of those that were first
  product-qualified in the period, and paid for the first time within 30 days of it, by the same
  share of all that were active in the period, from their first day in it on. Both are customers
  (accounts, and users without one that signed up) that had not paid before. What is less than 30
  days ago does not count yet.
formula: PQL precision / share of all that paid within 30 days
unit: ratio
better: higher
kind: lagging
grain: month
needs: {roles: [pql, subscription], views: [people, accounts, active_days, mrr_movements]}
settles: 30
details: {precision: "share of PQLs that paid, percent", base: "share of all that paid, percent"}
source: product-led growth; no benchmark is published
*/
WITH
    judged AS
    (
        SELECT
            dateTrunc({grain:String}, min(at)) AS period,
            account_id,
            if(account_id = '', user_id, '') AS user_id,
            min(at) AS since,
            true AS qualifies
        FROM pql
        GROUP BY account_id, user_id
        UNION ALL
        SELECT
            dateTrunc({grain:String}, day) AS period,
            account_id,
            if(account_id = '', user_id, '') AS user_id,
            toDateTime64(min(day), 3, 'UTC') AS since,
            false AS qualifies
        FROM active_days
        WHERE day >= toDate32(from_at) AND day < toDate32(to_at)
        GROUP BY period, account_id, user_id
    )
SELECT
    period,
    100 * avgOrNullIf(pays, qualifies) AS precision,
    100 * avgOrNullIf(pays, NOT qualifies) AS base,
    precision / nullIf(base, 0) AS value
FROM
(
    SELECT
        period,
        account_id,
        user_id,
        since,
        qualifies,
        paid_at,
        ifNull(paid_at <= since + INTERVAL 30 DAY, false) AS pays
    FROM judged
    LEFT JOIN first_paid USING (account_id, user_id)
) AS followed
WHERE since >= from_at
  AND since < to_at
  AND since <= now_at - INTERVAL 30 DAY
  AND (paid_at IS NULL OR paid_at >= since)
  AND (account_id, user_id) IN
  (
      SELECT account_id, user_id FROM customers WHERE account_id != '' OR signed_up_at IS NOT NULL
  )
GROUP BY period
