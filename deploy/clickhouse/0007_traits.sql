-- Traits of accounts (empty user_id) and users as they are now; `value` is JSON text.
CREATE VIEW IF NOT EXISTS traits AS
SELECT account_id, user_id, name, value, changed_at
FROM trait_rows FINAL
