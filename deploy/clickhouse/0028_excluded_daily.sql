-- What abuse rules excluded of a user's events on a UTC day, by rule and the event's name. An empty
-- user_id gathers the events that named no user.
CREATE VIEW IF NOT EXISTS excluded_daily AS
SELECT
    rows.account_id AS account_id,
    rows.user_id AS user_id,
    rows.day AS day,
    rows.rule AS rule,
    rows.event AS event,
    sum(rows.events) AS events,
    min(rows.first_at) AS first_at,
    max(rows.last_at) AS last_at
FROM excluded_rows AS rows FINAL
GROUP BY account_id, user_id, day, rule, event
