-- Users, each of an account or of none: first and last seen, when they signed up, from which channel,
-- and the segment that their account (without one: they themselves) was in when something was told of
-- it last. Sign-ups are the facts of `signed_up`; the first one counts.
CREATE OR REPLACE VIEW people AS
SELECT
    account_id,
    user_id,
    first_seen,
    last_seen,
    signed_up_at,
    signup_week,
    channel,
    segments.segment AS segment
FROM presence
LEFT JOIN
(
    SELECT account_id, user_id, segment
    FROM segment_rows FINAL
    WHERE (account_id = '' OR user_id = '') AND segment != ''
) AS segments
ON segments.account_id = presence.account_id AND segments.user_id = if(presence.account_id = '', presence.user_id, '')
