/*
name: revenue_per_trial_user
title: Revenue per trial user
definition: >-
  What the customers (accounts, and users without one) whose first trial began in the period pay a
  month, as it stands 30 days after it began, for each of them, whether it pays or not. Who had paid
  before the trial is left out. Whose trial began less than 30 days ago does not count yet.
formula: MRR 30 days after the trial began / customers whose trial began
unit: money
better: higher
kind: lagging
grain: month
needs:
  roles: [trial_started, subscription.amount]
  views: [people, accounts, mrr_movements, subscriptions]
settles: 30
source: product-led growth; no benchmark is published
*/
WITH
    trials AS
    (
        SELECT account_id, if(account_id = '', user_id, '') AS user_id, min(at) AS began_at
        FROM trial_started
        GROUP BY account_id, user_id
        HAVING began_at >= from_at AND began_at < to_at AND began_at <= now_at - INTERVAL 30 DAY
    ),
    tried AS
    (
        SELECT account_id, user_id, began_at
        FROM trials
        LEFT JOIN first_paid USING (account_id, user_id)
        WHERE (isNull(paid_at) OR paid_at >= began_at)
          AND (everybody OR (account_id, user_id) IN some_customers)
    )
SELECT
    dateTrunc({grain:String}, began_at) AS period,
    sumIf(
        subscriptions.mrr,
        subscriptions.started_at <= began_at + INTERVAL 30 DAY
        AND (subscriptions.ended_at IS NULL OR subscriptions.ended_at > began_at + INTERVAL 30 DAY)
    ) AS numerator,
    uniqExact(tried.account_id, tried.user_id) AS denominator,
    numerator / denominator AS value
FROM tried
LEFT JOIN subscriptions USING (account_id, user_id)
GROUP BY period
