/*
name: nps
title: Net promoter score (NPS)
definition: >-
  Promoters (9 and 10) less detractors (0 to 6), of all who answered in the period, by the newest answer
  of each. Answers beyond 0 to 10 do not count.
formula: (promoters − detractors) / answers × 100
unit: points
better: higher
kind: lagging
grain: quarter
needs: {roles: [nps]}
details: {promoters: how many, detractors: how many}
benchmarks: {smb: [20, 35, 50], mid_market: [25, 40, 55], enterprise: [30, 45, 60]}
source: product-led growth benchmarks by size of customer
*/
WITH
    answers AS
    (
        SELECT dateTrunc({grain:String}, at) AS period, argMax(assumeNotNull(value), (at, event_id)) AS score
        FROM nps
        WHERE at >= from_at
          AND at < to_at
          AND value BETWEEN 0 AND 10
          AND (everybody OR (account_id, user_id) IN some_users)
        GROUP BY period, account_id, user_id, if(user_id = '', event_id, '')
    )
SELECT
    period,
    countIf(score >= 9) AS promoters,
    countIf(score <= 6) AS detractors,
    promoters - detractors AS numerator,
    count() AS denominator,
    100 * numerator / denominator AS value
FROM answers
GROUP BY period
