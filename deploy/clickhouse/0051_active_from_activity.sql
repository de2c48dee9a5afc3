-- What sales tell of a lead is nothing that the user did.
CREATE MATERIALIZED VIEW IF NOT EXISTS active_from_activity TO active_rows AS
SELECT DISTINCT day, account_id, user_id
FROM activity_rows
WHERE user_id != ''
  AND event NOT IN ('lead_contacted', 'lead_converted', 'lead_disqualified', 'lead_snoozed')
