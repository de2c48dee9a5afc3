-- The segment of every account, and of every user without one, that is in one.
SELECT account_id, user_id, segment
FROM segment_rows FINAL
WHERE (account_id = '' OR user_id = '') AND segment != ''
