/*
name: trial_actions_rate
title: Accounts completing all key trial actions
definition: >-
  Of the customers (accounts, and users without one) whose first trial began in the period, the
  share that had done all key actions 14 days after it began, whoever of their users did which,
  before the trial or in it. Whose trial began less than 14 days ago does not count yet.
formula: all actions done within 14 days / customers whose trial began × 100
unit: percent
better: higher
kind: leading
grain: week
needs: {roles: [trial_started, trial_actions], views: [people, accounts]}
settles: 14
source: product-led growth; no benchmark is published
*/
WITH
    trials AS
    (
        SELECT account_id, if(account_id = '', user_id, '') AS user_id, min(at) AS began_at
        FROM trial_started
        GROUP BY account_id, user_id
        HAVING began_at >= from_at AND began_at < to_at AND began_at <= now_at - INTERVAL 14 DAY
    ),
    actions AS
    (
        SELECT
            account_id,
            if(account_id = '', user_id, '') AS user_id,
            event AS action,
            min(at) AS done_at
        FROM trial_actions
        GROUP BY account_id, user_id, action
    ),
    tried AS
    (
        SELECT
            account_id,
            user_id,
            began_at,
            countIf(action != '' AND done_at <= began_at + INTERVAL 14 DAY) AS done
        FROM trials
        LEFT JOIN actions USING (account_id, user_id)
        WHERE everybody OR (account_id, user_id) IN some_customers
        GROUP BY account_id, user_id, began_at
    )
SELECT
    dateTrunc({grain:String}, began_at) AS period,
    countIf(done = length({trial_actions_milestones:Array(String)})) AS numerator,
    count() AS denominator,
    100 * numerator / denominator AS value
FROM tried
GROUP BY period
