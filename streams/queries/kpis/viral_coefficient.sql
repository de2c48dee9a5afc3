/*
name: viral_coefficient
title: Viral coefficient
definition: >-
  How many activated users each active user brings: k = invites for each user who was active in the
  period × share of the invites whose invitee came in the period and was activated within 7 days.
  Visitors, who are of no account and never signed up, are no users yet. Where `activated` is a milestone of accounts, it is that of the invitee's account.
formula: invites / active users × activated invitees / invites
unit: ratio
better: higher
kind: leading
grain: week
needs: {roles: [invite_sent, invite_accepted, activated], views: [active_days, people]}
settles: 7
details:
  invites_per_user: invites for each active user
  activated_share: activated invitees for each invite
  retained_k: >-
    k × the share of the activated invitees who are active on one of the days 30 to 36 after they came;
    none until these days are over
benchmarks: {smb: [0.2, 0.4, 0.7], mid_market: [0.3, 0.5, 0.8], enterprise: [0.1, 0.3, 0.6]}
source: product-led growth benchmarks by size of customer
*/
WITH
    active AS
    (
        SELECT dateTrunc({grain:String}, toDateTime64(day, 3, 'UTC')) AS period, uniqExact(account_id, user_id) AS people
        FROM active_days
        WHERE day >= toDate32(from_at)
          AND day < toDate32(to_at)
          AND (account_id != '' OR (account_id, user_id) IN members)
          AND (everybody OR (account_id, user_id) IN some_users)
        GROUP BY period
    ),
    sent AS
    (
        SELECT dateTrunc({grain:String}, at) AS period, count() AS invites
        FROM invite_sent
        WHERE at >= from_at AND at < to_at AND (everybody OR (account_id, user_id) IN some_users)
        GROUP BY period
    ),
    came AS
    (
        SELECT account_id, user_id, min(at) AS came_at
        FROM invite_accepted
        WHERE user_id != '' AND (everybody OR (account_id, user_id) IN some_users)
        GROUP BY account_id, user_id
        HAVING came_at >= from_at AND came_at < to_at
    ),
    reached AS
    (
        SELECT account_id, user_id, min(at) AS reached_at FROM activated GROUP BY account_id, user_id
    ),
    later AS
    (
        SELECT account_id, user_id, groupArray(day) AS days
        FROM active_days
        WHERE day >= toDate32(from_at) + 30
          AND day <= toDate32(to_at) + 36
          AND (account_id, user_id) IN (SELECT account_id, user_id FROM came)
        GROUP BY account_id, user_id
    ),
    won AS
    (
        SELECT came.came_at AS came_at, later.days AS days
        FROM came
        INNER JOIN reached
            ON reached.account_id = came.account_id
            AND reached.user_id = if({activated_of:String} = 'account', '', came.user_id)
        LEFT JOIN later ON later.account_id = came.account_id AND later.user_id = came.user_id
        WHERE reached_at <= came_at + INTERVAL 7 DAY
    ),
    invitees AS
    (
        SELECT
            dateTrunc({grain:String}, came_at) AS period,
            count() AS activated,
            countIf(
                arrayExists(day -> day BETWEEN toDate32(came_at) + 30 AND toDate32(came_at) + 36, days)
            ) AS retained,
            max(toDate32(came_at)) + 36 < toDate32(now_at) AS is_known
        FROM won
        GROUP BY period
    )
-- The number of invites cancels: so k is known where somebody comes on an invite of the week before.
SELECT
    period,
    activated AS numerator,
    people AS denominator,
    numerator / denominator AS value,
    invites / people AS invites_per_user,
    numerator / nullIf(invites, 0) AS activated_share,
    if(is_known, value * retained / activated, NULL) AS retained_k
FROM active
LEFT JOIN sent USING (period)
LEFT JOIN invitees USING (period)
