/*
name: top_features_rate
title: Users engaging with the top activation features
definition: >-
  Of the users who were active in the period, the share that used at least one of the top 3
  activation features in it. These are the key features that most of those who were ever activated
  had used by then: users, or accounts where `activated` is a milestone of accounts. Active is who
  did anything and is a user of an account, or has signed up.
formula: users of a top feature / active users × 100
unit: percent
better: higher
kind: leading
grain: week
needs: {roles: [activated, key_features], views: [people, active_days]}
source: product-led growth; no benchmark is published
*/
WITH
    activations AS
    (
        SELECT account_id, user_id, min(at) AS activated_at
        FROM activated
        GROUP BY account_id, user_id
    ),
    tops AS
    (
        SELECT feature
        FROM
        (
            SELECT
                feature,
                at,
                account_id,
                arrayJoin(if(account_id = '', [who], arrayDistinct(['', who]))) AS user_id
            FROM (SELECT feature, at, account_id, user_id AS who FROM key_features) AS used
            WHERE feature != ''
        ) AS uses
        INNER JOIN activations USING (account_id, user_id)
        WHERE at <= activated_at
        GROUP BY feature
        ORDER BY uniqExact(account_id, user_id) DESC, feature
        LIMIT 3
    ),
    there AS
    (
        SELECT dateTrunc({grain:String}, day) AS period, account_id, user_id, false AS engages
        FROM active_days
        WHERE day >= toDate32(from_at) AND day < toDate32(to_at)
        UNION ALL
        SELECT dateTrunc({grain:String}, at) AS period, account_id, user_id, true AS engages
        FROM key_features
        WHERE at >= from_at AND at < to_at AND feature IN tops
    )
SELECT
    period,
    uniqExactIf((account_id, user_id), engages) AS numerator,
    uniqExact(account_id, user_id) AS denominator,
    100 * numerator / denominator AS value
FROM there
WHERE (account_id, user_id) IN members
GROUP BY period
