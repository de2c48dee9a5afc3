-- Users, each of an account or of none: first and last seen, when they signed up, from which channel,
-- and the segment that their account (without one: they themselves) was in when something was told of
-- it last. Sign-ups are the facts of `signed_up`; the first one counts.
CREATE VIEW IF NOT EXISTS people AS
SELECT
    account_id,
    user_id,
    first_seen,
    last_seen,
    signed_up_at,
    toMonday(signed_up_at) AS signup_week,
    channel,
    segments.segment AS segment
FROM
(
    SELECT
        account_id,
        user_id,
        min(first_at) AS first_seen,
        max(last_at) AS last_seen,
        minOrNullIf(first_at, signs_up) AS signed_up_at,
        argMinIf(channel, first_at, channel != '') AS channel
    FROM
    (
        SELECT account_id, user_id, first_at, last_at, false AS signs_up, '' AS channel
        FROM seen_rows
        WHERE user_id != ''
        UNION ALL
        SELECT account_id, user_id, at, at, true, channel
        FROM fact_rows
        WHERE role = 'signed_up' AND user_id != ''
    )
    GROUP BY account_id, user_id
) AS users
LEFT JOIN
(
    SELECT account_id, user_id, segment FROM segment_rows FINAL
) AS segments
ON segments.account_id = users.account_id AND segments.user_id = if(users.account_id = '', users.user_id, '')
