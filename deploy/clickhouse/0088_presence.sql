-- Users, each of an account or of none: first and last seen, when they signed up first, from which channel,
-- and the UTC days on which they did something. `people` has the segment as well, and is dearer.
CREATE VIEW IF NOT EXISTS presence AS
SELECT
    account_id,
    user_id,
    first_at AS first_seen,
    last_at AS last_seen,
    signed_up_at,
    toMonday(signed_up_at) AS signup_week,
    tupleElement(came_by, 'channel') AS channel,
    arrayMap(day -> toDate32(toInt32(day) - 25567), bitmapToArray(presence_rows.days)) AS days
FROM presence_rows FINAL
WHERE user_id != ''
