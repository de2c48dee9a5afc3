-- The last day is told again and again as its counts grow.
INSERT INTO activity_rows (account_id, user_id, day, event, part, events, first_at, last_at)
SELECT account_id, user_id, day, event, part, max(rows.events), min(rows.first_at), max(rows.last_at)
FROM activity_rows AS rows
WHERE day = (SELECT max(day) FROM activity_rows)
GROUP BY account_id, user_id, day, event, part
