-- Rows that are told again say the same again, and of all the newest stays: see segment_rows.
CREATE MATERIALIZED VIEW IF NOT EXISTS segment_from_leads TO segment_rows AS
SELECT account_id, user_id, segment, occurred_at
FROM lead_rows
