-- The least and the greatest do not count: see seen_rows.
CREATE MATERIALIZED VIEW IF NOT EXISTS seen_from_activity TO seen_rows AS
SELECT account_id, user_id, min(first_at) AS first_at, max(last_at) AS last_at
FROM activity_rows
GROUP BY account_id, user_id
