-- From what was told before. Run twice it changes nothing.
INSERT INTO segment_rows (account_id, user_id, segment, occurred_at)
SELECT account_id, user_id, segment, occurred_at FROM milestone_rows WHERE segment != ''
UNION ALL
SELECT account_id, user_id, segment, occurred_at FROM transition_rows WHERE segment != ''
UNION ALL
SELECT account_id, user_id, segment, occurred_at FROM stuck_rows WHERE segment != ''
UNION ALL
SELECT account_id, user_id, segment, occurred_at FROM lead_rows WHERE segment != ''
