/*
name: action_to_activation_lag
title: Action-to-activation time lag
definition: >-
  Median days from the first key action to the activation, by the period of the activation. Users
  count, or accounts where `activated` is a milestone of accounts: those with the first action of
  any of their users. Who was activated without a key action before it does not count.
formula: median of activation − first key action
unit: days
better: lower
kind: leading
grain: week
needs: {roles: [key_action, activated], views: [people, accounts]}
details: {mean: "the mean instead of the median, days"}
source: product-led growth; no benchmark is published
*/
WITH
    activations AS
    (
        SELECT account_id, user_id, min(at) AS activated_at
        FROM activated
        GROUP BY account_id, user_id
        HAVING activated_at >= from_at AND activated_at < to_at
    ),
    actions AS
    (
        SELECT
            account_id,
            arrayJoin(if(account_id = '', [who], arrayDistinct(['', who]))) AS user_id,
            min(at) AS acted_at
        FROM (SELECT account_id, user_id AS who, at FROM key_action) AS acts
        GROUP BY account_id, user_id
    ),
    lags AS
    (
        SELECT activated_at, dateDiff('millisecond', acted_at, activated_at) / 86400000 AS days
        FROM activations
        INNER JOIN actions USING (account_id, user_id)
        WHERE acted_at <= activated_at
          AND
          (
              everybody
              OR (account_id, user_id) IN some_users
              OR (account_id, user_id) IN some_customers
          )
    )
SELECT
    dateTrunc({grain:String}, activated_at) AS period,
    quantileExactInclusive(0.5)(days) AS value,
    count() AS denominator,
    avg(days) AS mean
FROM lags
GROUP BY period
