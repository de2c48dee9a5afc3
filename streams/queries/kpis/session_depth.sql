/*
name: session_depth
title: Engagement depth in the first three sessions
definition: >-
  Mean number of events in the first, the second and the third session of the users who signed up in
  the period, those of them that had one. A session ends with 30 minutes of silence. Sessions are
  made of raw events: who signed up before the oldest one that is kept does not count.
formula: events in the session / users who had it
unit: count
better: higher
kind: leading
grain: week
needs: {roles: [signed_up], views: [people, sessions, events]}
group: session
source: product-led growth; no benchmark is published
*/
WITH
    newcomers AS
    (
        SELECT account_id, user_id, signed_up_at
        FROM users
        WHERE signed_up_at >= from_at
          AND signed_up_at < to_at
          AND signed_up_at >= (SELECT min(at) FROM event_rows)
    )
SELECT
    dateTrunc({grain:String}, signed_up_at) AS period,
    concat('session ', toString(number)) AS group,
    sum(events) AS numerator,
    count() AS denominator,
    numerator / denominator AS value
FROM newcomers
INNER JOIN
(
    SELECT account_id, user_id, number, events
    FROM sessions
    WHERE number <= 3 AND (account_id, user_id) IN (SELECT account_id, user_id FROM newcomers)
) AS first_sessions USING (account_id, user_id)
GROUP BY period, group
