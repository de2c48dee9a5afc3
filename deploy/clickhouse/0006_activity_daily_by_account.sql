-- What an account did on a UTC day, by the event's name, and how many of its users took part.
-- Users without an account are not in it.
CREATE VIEW IF NOT EXISTS activity_daily_by_account AS
SELECT
    rows.account_id AS account_id,
    rows.day AS day,
    rows.event AS event,
    sum(rows.events) AS events,
    uniqExactIf(rows.user_id, rows.user_id != '') AS users,
    min(rows.first_at) AS first_at,
    max(rows.last_at) AS last_at
FROM activity_rows AS rows FINAL
WHERE rows.account_id != ''
GROUP BY account_id, day, event
