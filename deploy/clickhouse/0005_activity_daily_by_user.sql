-- What a user of an account did on a UTC day, by the event's name. An empty user_id gathers the
-- events that named no user.
CREATE VIEW IF NOT EXISTS activity_daily_by_user AS
SELECT
    rows.account_id AS account_id,
    rows.user_id AS user_id,
    rows.day AS day,
    rows.event AS event,
    sum(rows.events) AS events,
    min(rows.first_at) AS first_at,
    max(rows.last_at) AS last_at
FROM activity_rows AS rows FINAL
GROUP BY account_id, user_id, day, event
