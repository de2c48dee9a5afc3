-- Who did anything on which UTC day, a row for each user and day.
CREATE VIEW IF NOT EXISTS active_days AS
SELECT day, account_id, user_id
FROM active_rows FINAL
