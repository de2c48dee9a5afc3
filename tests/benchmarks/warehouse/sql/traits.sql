-- The role that each user has said to have.
INSERT INTO trait_history_rows (account_id, user_id, name, changed_at, value)
SELECT account_id, user_id, 'role', joined_at, concat('"', ['engineer', 'designer', 'manager', 'founder'][1 + h % 4], '"')
FROM bench_users
