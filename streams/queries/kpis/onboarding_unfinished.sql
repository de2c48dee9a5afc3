/*
name: onboarding_unfinished
title: Onboarding unfinished
definition: >-
  Of those that signed up in the period, the share that had not taken all steps of onboarding 1, 3
  and 7 days after it. Users count, and for them what their account has reached; accounts, where all
  steps are milestones of accounts. Who signed up less than so many days ago does not count yet.
formula: not all steps taken / signed up × 100
unit: percent
better: lower
kind: leading
grain: week
needs: {roles: [signed_up, onboarding], views: [people, accounts]}
settles: 7
group: days after sign-up
source: product-led growth; no benchmark is published
*/
WITH
    newcomers AS
    (
        SELECT account_id, user_id, assumeNotNull(signed_up_at) AS joined_at
        FROM users
        WHERE {onboarding_of:String} != 'account' AND signed_up_at IS NOT NULL
        UNION ALL
        SELECT account_id, user_id, assumeNotNull(signed_up_at) AS joined_at
        FROM customers
        WHERE {onboarding_of:String} = 'account' AND account_id != '' AND signed_up_at IS NOT NULL
    ),
    -- What is the account's counts for each of its users.
    reached AS
    (
        SELECT account_id, user_id, event AS step, min(at) AS reached_at
        FROM onboarding
        GROUP BY account_id, user_id, step
    ),
    finished AS
    (
        SELECT
            account_id,
            newcomers.user_id AS user_id,
            joined_at,
            max(reached_at) AS finished_at,
            uniqExactIf(step, step != '') < length({onboarding_milestones:Array(String)}) AS never
        FROM newcomers
        ARRAY JOIN if(account_id = '', [user_id], arrayDistinct(['', user_id])) AS whose
        LEFT JOIN reached ON reached.account_id = newcomers.account_id AND reached.user_id = whose
        WHERE joined_at >= from_at AND joined_at < to_at
        GROUP BY account_id, user_id, joined_at
    )
SELECT
    dateTrunc({grain:String}, joined_at) AS period,
    concat('day ', toString(days)) AS group,
    countIf(never OR finished_at > joined_at + toIntervalDay(days)) AS numerator,
    count() AS denominator,
    100 * numerator / denominator AS value
FROM finished
ARRAY JOIN [1, 3, 7] AS days
WHERE joined_at <= now_at - toIntervalDay(days)
GROUP BY period, group
