/*
name: multi_role_rate
title: Accounts with multi-role engagement
definition: >-
  Of the accounts with an active user in the period, the share in which users of at least 2
  different roles (the trait `user_role`, as it was at the end of the period) were active in it.
formula: accounts with active users of at least 2 roles / active accounts × 100
unit: percent
better: higher
kind: leading
grain: week
needs: {roles: [user_role], views: [accounts, active_days, trait_history]}
source: product-led growth; no benchmark is published
*/
WITH
    there AS
    (
        SELECT DISTINCT dateTrunc({grain:String}, day) AS period, account_id, user_id
        FROM active_days
        WHERE day >= toDate32(from_at)
          AND day < toDate32(to_at)
          AND account_id != ''
          AND (everybody OR (account_id, '') IN some_customers)
    ),
    parts AS
    (
        SELECT account_id, user_id, trait_history.value AS part, changed_at, until
        FROM trait_history
        WHERE name = {user_role_trait:String} AND part NOT IN ('null', '""')
    ),
    teams AS
    (
        SELECT
            period,
            account_id,
            uniqExactIf(
                part,
                part != '' AND changed_at < ends_at AND (until IS NULL OR until >= ends_at)
            ) AS different
        FROM there
        INNER JOIN periods USING (period)
        LEFT JOIN parts USING (account_id, user_id)
        GROUP BY period, account_id
    )
SELECT
    period,
    countIf(different >= 2) AS numerator,
    count() AS denominator,
    100 * numerator / denominator AS value
FROM teams
GROUP BY period
