-- From the activity of before. Run twice it changes nothing.
INSERT INTO seen_rows
SELECT account_id, user_id, min(first_at) AS first_at, max(last_at) AS last_at
FROM activity_rows
GROUP BY account_id, user_id
