/*
name: referral_prompt_rate
title: Referral prompt interaction rate
definition: >-
  Of the users who saw a request to refer in the period, the share that took one up in it, at the
  first time that they saw one or later.
formula: users who took up a request / users who saw one × 100
unit: percent
better: higher
kind: leading
grain: week
needs: {roles: [referral_prompt_viewed, referral_prompt_clicked], views: [people]}
source: product-led growth; no benchmark is published
*/
WITH
    seen AS
    (
        SELECT dateTrunc({grain:String}, at) AS period, account_id, user_id, min(at) AS seen_at
        FROM referral_prompt_viewed
        WHERE at >= from_at AND at < to_at AND (everybody OR (account_id, user_id) IN some_users)
        GROUP BY period, account_id, user_id
    ),
    taken AS
    (
        SELECT
            dateTrunc({grain:String}, at) AS period,
            account_id,
            user_id,
            toNullable(max(at)) AS taken_at
        FROM referral_prompt_clicked
        GROUP BY period, account_id, user_id
    )
SELECT
    period,
    countIf(taken_at >= seen_at) AS numerator,
    count() AS denominator,
    100 * numerator / denominator AS value
FROM seen
LEFT JOIN taken USING (period, account_id, user_id)
GROUP BY period
