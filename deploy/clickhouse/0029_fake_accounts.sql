-- One row: how many accounts are flagged now by rules that say `fake`, of how many that ever did
-- something, counted or excluded. The ratio is 0 where there are no accounts.
--
-- A definition that is no longer in use clears nobody: of each rule the one that told last counts.
CREATE VIEW IF NOT EXISTS fake_accounts AS
SELECT
    fakes.accounts AS fake,
    everyone.accounts AS accounts,
    if(accounts = 0, 0, fake / accounts) AS ratio
FROM
(
    SELECT uniqExact(account_id) AS accounts
    FROM flags
    WHERE fake AND isNull(cleared_at) AND (rule, definition_hash) IN
    (
        SELECT rule, argMax(definition_hash, (detected_at, definition_hash)) FROM flag_rows GROUP BY rule
    )
) AS fakes
CROSS JOIN
(
    SELECT uniqExact(account_id) AS accounts
    FROM
    (
        SELECT account_id FROM activity_rows WHERE account_id != ''
        UNION ALL
        SELECT account_id FROM excluded_rows WHERE account_id != ''
        UNION ALL
        SELECT account_id FROM flag_rows WHERE account_id != ''
    )
) AS everyone
