/*
name: time_to_invite
title: Time to invite
definition: >-
  Median days from the sign-up of a user to the first time that this user invited somebody, by the
  period of the invitation. Who never invited anybody does not count.
formula: median of first invitation − sign-up
unit: days
better: lower
kind: leading
grain: week
needs: {roles: [signed_up, invite_sent], views: [people]}
details: {mean: "the mean instead of the median, days"}
source: product-led growth; no benchmark is published
*/
WITH
    waits AS
    (
        SELECT
            account_id,
            user_id,
            min(invite_sent.at) AS invited_at,
            dateDiff('millisecond', any(signed_up_at), invited_at) / 86400000 AS days
        FROM users
        INNER JOIN invite_sent USING (account_id, user_id)
        WHERE invite_sent.at >= users.signed_up_at
        GROUP BY account_id, user_id
        HAVING invited_at >= from_at AND invited_at < to_at
    )
SELECT
    dateTrunc({grain:String}, invited_at) AS period,
    quantileExactInclusive(0.5)(days) AS value,
    count() AS denominator,
    avg(days) AS mean
FROM waits
GROUP BY period
