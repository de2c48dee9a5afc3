-- Accounts: first and last seen, when the first of their users signed up, from which channel, and the
-- segment that they were in when something was told of them last.
CREATE OR REPLACE VIEW accounts AS
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
        min(presence_rows.signed_up_at) AS signed_up_at,
        tupleElement(min(came_by), 'channel') AS channel
    FROM presence_rows
    WHERE account_id != ''
    GROUP BY account_id
) AS known
LEFT JOIN
(
    SELECT account_id, segment FROM segment_rows FINAL WHERE user_id = '' AND segment != ''
) AS segments
ON segments.account_id = known.account_id
