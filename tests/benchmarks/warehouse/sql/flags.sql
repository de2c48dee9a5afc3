INSERT INTO flag_rows
    (rule, account_id, user_id, definition_hash, occurrence, type, id, occurred_at, detected_at, decided_by, late, evidence, fake,
     segment)
SELECT
    'throwaway', account_id, '', lower(hex(SHA256('throwaway'))), 1, 'entity.flagged', lower(hex(sipHash128('flag', account_id))),
    joined_at, joined_at, '', false, '[]', true, segment
FROM bench_accounts
WHERE h % 50 = 0
