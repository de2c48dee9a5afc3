/*
name: onboarding_drop_off
title: Drop-off during onboarding
definition: >-
  For each step of onboarding: of those that signed up in the period and took all the steps before
  it within 7 days, the share that did not take it within these 7 days. Users count, and for them
  what their account has reached; accounts, where all steps are milestones of accounts. Whether one
  step was taken before another does not matter. Who signed up less than 7 days ago does not count
  yet.
formula: step not taken / all the steps before taken × 100
unit: percent
better: lower
kind: leading
grain: week
needs: {roles: [signed_up, onboarding], views: [people, accounts]}
settles: 7
group: step
source: product-led growth; no benchmark is published
*/
WITH
    {onboarding_milestones:Array(String)} AS steps,
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
    taken AS
    (
        SELECT
            account_id,
            newcomers.user_id AS user_id,
            joined_at,
            groupUniqArrayIf(step, reached_at <= joined_at + INTERVAL 7 DAY) AS done
        FROM newcomers
        ARRAY JOIN if(account_id = '', [user_id], arrayDistinct(['', user_id])) AS whose
        LEFT JOIN reached ON reached.account_id = newcomers.account_id AND reached.user_id = whose
        WHERE joined_at >= from_at AND joined_at < to_at AND joined_at <= now_at - INTERVAL 7 DAY
        GROUP BY account_id, user_id, joined_at
    )
SELECT
    dateTrunc({grain:String}, joined_at) AS period,
    concat(toString(nth), ' ', steps[nth]) AS group,
    countIf(hasAll(done, arraySlice(steps, 1, nth - 1))) AS denominator,
    countIf(hasAll(done, arraySlice(steps, 1, nth - 1)) AND NOT has(done, steps[nth])) AS numerator,
    100 * numerator / nullIf(denominator, 0) AS value
FROM taken
ARRAY JOIN arrayEnumerate(steps) AS nth
GROUP BY period, group
