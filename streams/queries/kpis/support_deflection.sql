/*
name: support_deflection
title: Support deflection
definition: >-
  Share of the questions that users answer themselves. Help that was read counts as an answer where the
  same user neither opens a ticket nor reads more help within 5 minutes: several pages in a row are one
  question.
formula: self-resolved / (self-resolved + tickets) × 100
unit: percent
better: higher
kind: lagging
grain: month
needs: {roles: [help_viewed, ticket]}
benchmarks: {smb: [30, 50, 70], mid_market: [40, 60, 80], enterprise: [50, 70, 85]}
source: product-led growth benchmarks by size of customer
*/
WITH
    asked AS
    (
        SELECT account_id, user_id, at, false AS is_ticket FROM help_viewed
        UNION ALL
        SELECT account_id, user_id, at, true AS is_ticket FROM ticket
    ),
    followed AS
    (
        SELECT
            at,
            is_ticket,
            leadInFrame(toNullable(at)) OVER
            (
                PARTITION BY account_id, user_id
                ORDER BY at, is_ticket
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
            ) AS next_at
        FROM asked
        WHERE at >= from_at
          AND at < to_at + INTERVAL 5 MINUTE
          AND (everybody OR (account_id, user_id) IN some_users)
    )
SELECT
    dateTrunc({grain:String}, at) AS period,
    countIf(NOT is_ticket AND (next_at IS NULL OR next_at > at + INTERVAL 5 MINUTE)) AS numerator,
    numerator + countIf(is_ticket) AS denominator,
    100 * numerator / nullIf(denominator, 0) AS value
FROM followed
WHERE at < to_at
GROUP BY period
