-- Who was erased when, at whose request; `entity` is
-- lower(hex(SHA256(concat('account', char(0), account_id, char(0), user_id)))), with `user` in place of
-- `account` where a user was, and nothing for an id that there is not.
CREATE VIEW IF NOT EXISTS erasures AS
SELECT entity, of, asked_at, asked_by, erased_at, rows
FROM erasure_rows FINAL
