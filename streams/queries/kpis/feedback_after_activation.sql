/*
name: feedback_after_activation
title: Feedback score after activation
definition: >-
  Mean of the scores that users gave in the period, within 30 days after they, or their account,
  were activated. Each score counts.
formula: sum of scores / number of scores
unit: points
better: higher
kind: leading
grain: month
needs: {roles: [activated, feedback.score], views: [people]}
source: product-led growth; no benchmark is published
*/
WITH
    activations AS
    (
        SELECT account_id, user_id, min(at) AS activated_at
        FROM activated
        GROUP BY account_id, user_id
    ),
    answers AS
    (
        SELECT at, account_id, user_id, score
        FROM
        (
            SELECT
                at,
                event_id,
                account_id,
                user_id,
                feedback.value AS score,
                arrayJoin(if(account_id = '', [user_id], arrayDistinct(['', user_id]))) AS whose
            FROM feedback
            WHERE at >= from_at
              AND at < to_at
              AND score IS NOT NULL
              AND (everybody OR (account_id, user_id) IN some_users)
        ) AS given
        INNER JOIN activations
        ON activations.account_id = given.account_id AND activations.user_id = given.whose
        WHERE activated_at <= at AND at <= activated_at + INTERVAL 30 DAY
        LIMIT 1 BY account_id, user_id, at, event_id
    )
SELECT
    dateTrunc({grain:String}, at) AS period,
    sum(score) AS numerator,
    count() AS denominator,
    numerator / denominator AS value
FROM answers
GROUP BY period
