-- Accounts: first and last seen, when the first of their users signed up, from which channel, and the
-- segment that they were in when something was told of them last.
CREATE VIEW IF NOT EXISTS accounts AS
SELECT
    account_id,
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
        min(first_at) AS first_seen,
        max(last_at) AS last_seen,
        minOrNullIf(first_at, signs_up) AS signed_up_at,
        argMinIf(channel, first_at, channel != '') AS channel
    FROM
    (
        SELECT account_id, first_at, last_at, false AS signs_up, '' AS channel
        FROM seen_rows
        WHERE account_id != ''
        UNION ALL
        SELECT account_id, at, at, true, channel
        FROM fact_rows
        WHERE role = 'signed_up' AND account_id != ''
    )
    GROUP BY account_id
) AS known
LEFT JOIN
(
    SELECT account_id, segment FROM segment_rows FINAL WHERE user_id = ''
) AS segments
ON segments.account_id = known.account_id
