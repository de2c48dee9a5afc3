/*
name: csat
title: Customer satisfaction (CSAT)
definition: >-
  Mean score of all who answered in the period, by the newest answer of each, on the scale of your own
  question.
formula: sum of the scores / answers
unit: points
better: higher
kind: lagging
grain: quarter
needs: {roles: [csat]}
source: none published
*/
WITH
    answers AS
    (
        SELECT dateTrunc({grain:String}, at) AS period, argMax(assumeNotNull(value), (at, event_id)) AS score
        FROM csat
        WHERE at >= from_at
          AND at < to_at
          AND value IS NOT NULL
          AND (everybody OR (account_id, user_id) IN some_users)
        GROUP BY period, account_id, user_id, if(user_id = '', event_id, '')
    )
SELECT
    period,
    sum(score) AS numerator,
    count() AS denominator,
    numerator / denominator AS value
FROM answers
GROUP BY period
