/*
name: activation_retention
title: Retention after activation
definition: >-
  Of those that were activated in the period, the share that was active again a week later (on one of
  the UTC days 7 to 13 after that of the activation), and a month later (30 to 36). Users count, or
  accounts where `activated` is a milestone of accounts: those are active with any of their users.
  Whose days are not all over does not count yet.
formula: active on one of the days / activated × 100
unit: percent
better: higher
kind: lagging
grain: week
needs: {roles: [activated], views: [people, accounts, active_days]}
settles: 37
group: days after activation
source: product-led growth; no benchmark is published
*/
WITH
    activations AS
    (
        SELECT account_id, user_id, toDate32(min(at)) AS activated_on
        FROM activated
        GROUP BY account_id, user_id
        HAVING activated_on >= toDate32(from_at) AND activated_on < toDate32(to_at)
    ),
    awaited AS
    (
        SELECT account_id, user_id, activated_on, arrayJoin([7, 30]) AS nth
        FROM activations
        WHERE activated_on + nth + 6 < toDate32(now_at)
          AND
          (
              everybody
              OR (account_id, user_id) IN some_users
              OR (account_id, user_id) IN some_customers
          )
    ),
    came AS
    (
        SELECT day, account_id, arrayJoin(if(account_id = '', [who], ['', who])) AS user_id
        FROM (SELECT day, account_id, user_id AS who FROM active_days) AS days
        WHERE day >= toDate32(from_at) AND day < toDate32(to_at) + 37
    ),
    followed AS
    (
        SELECT
            activated_on,
            nth,
            countIf(day BETWEEN activated_on + nth AND activated_on + nth + 6) > 0 AS returns
        FROM awaited
        LEFT JOIN came USING (account_id, user_id)
        GROUP BY account_id, user_id, activated_on, nth
    )
SELECT
    dateTrunc({grain:String}, activated_on) AS period,
    if(nth = 7, 'days 07 to 13', 'days 30 to 36') AS group,
    countIf(returns) AS numerator,
    count() AS denominator,
    100 * numerator / denominator AS value
FROM followed
GROUP BY period, group
