/*
name: activated_team_rate
title: Accounts with three or more activated users
definition: >-
  Of the accounts with an active user in the period, the share in which at least 3 users had been
  activated by its end. Where `activated` is a milestone of accounts there is no answer.
formula: accounts with at least 3 activated users / active accounts × 100
unit: percent
better: higher
kind: leading
grain: week
needs: {roles: [activated], views: [accounts, active_days]}
source: product-led growth; no benchmark is published
*/
WITH
    there AS
    (
        SELECT DISTINCT dateTrunc({grain:String}, day) AS period, account_id
        FROM active_days
        WHERE day >= toDate32(from_at)
          AND day < toDate32(to_at)
          AND account_id != ''
          AND (everybody OR (account_id, '') IN some_customers)
    ),
    activations AS
    (
        SELECT account_id, user_id, min(at) AS activated_at
        FROM activated
        GROUP BY account_id, user_id
    ),
    teams AS
    (
        SELECT
            period,
            account_id,
            countIf(activated_at < ends_at AND activations.user_id != '') AS how_many
        FROM there
        INNER JOIN periods USING (period)
        LEFT JOIN activations USING (account_id)
        GROUP BY period, account_id
    )
SELECT
    period,
    countIf(how_many >= 3) AS numerator,
    count() AS denominator,
    100 * numerator / denominator AS value
FROM teams
WHERE {activated_of:String} != 'account'
GROUP BY period
