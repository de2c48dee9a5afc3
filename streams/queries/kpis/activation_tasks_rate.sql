/*
name: activation_tasks_rate
title: Completing the key activation tasks
definition: >-
  Of those that signed up in the period, the share that completed all activation tasks within 7 days
  of it. Users count, and for them what their account has reached; accounts, where all tasks are
  milestones of accounts. Who signed up less than 7 days ago does not count yet.
formula: all tasks completed within 7 days of the sign-up / signed up × 100
unit: percent
better: higher
kind: leading
grain: week
needs: {roles: [signed_up, activation_tasks], views: [people, accounts]}
settles: 7
source: product-led growth; no benchmark is published
*/
WITH
    newcomers AS
    (
        SELECT account_id, user_id, assumeNotNull(signed_up_at) AS joined_at
        FROM users
        WHERE {activation_tasks_of:String} != 'account' AND signed_up_at IS NOT NULL
        UNION ALL
        SELECT account_id, user_id, assumeNotNull(signed_up_at) AS joined_at
        FROM customers
        WHERE {activation_tasks_of:String} = 'account' AND account_id != '' AND signed_up_at IS NOT NULL
    ),
    -- What is the account's counts for each of its users.
    reached AS
    (
        SELECT account_id, user_id, event AS step, min(at) AS reached_at
        FROM activation_tasks
        GROUP BY account_id, user_id, step
    ),
    taken AS
    (
        SELECT
            account_id,
            newcomers.user_id AS user_id,
            joined_at,
            uniqExactIf(step, step != '' AND reached_at <= joined_at + INTERVAL 7 DAY) AS done
        FROM newcomers
        ARRAY JOIN if(account_id = '', [user_id], arrayDistinct(['', user_id])) AS whose
        LEFT JOIN reached ON reached.account_id = newcomers.account_id AND reached.user_id = whose
        WHERE joined_at >= from_at AND joined_at < to_at AND joined_at <= now_at - INTERVAL 7 DAY
        GROUP BY account_id, user_id, joined_at
    )
SELECT
    dateTrunc({grain:String}, joined_at) AS period,
    countIf(done = length({activation_tasks_milestones:Array(String)})) AS numerator,
    count() AS denominator,
    100 * numerator / denominator AS value
FROM taken
GROUP BY period
