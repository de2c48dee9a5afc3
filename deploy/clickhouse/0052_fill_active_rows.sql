-- From the activity of before. Run twice it changes nothing.
INSERT INTO active_rows
SELECT DISTINCT day, account_id, user_id
FROM activity_rows
WHERE user_id != ''
  AND event NOT IN ('lead_contacted', 'lead_converted', 'lead_disqualified', 'lead_snoozed')
