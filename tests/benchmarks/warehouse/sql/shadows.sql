-- A milestone of users and the lead, each with another one in the shadow.
INSERT INTO shadow_rows
    (name, account_id, user_id, definition_hash, occurrence, type, shadow_of, id, occurred_at, detected_at, decided_by, late,
     evidence, segment, opened_at, outcome)
SELECT
    'aha_sooner', account_id, user_id, lower(hex(SHA256('aha_sooner'))), 1, 'milestone.reached', 'aha',
    lower(hex(sipHash128('aha_sooner', account_id, user_id))),
    joined_at + toIntervalMillisecond(h % 432000000) AS occurred_at, occurred_at, '', false, '[]', segment, NULL, ''
FROM bench_users
WHERE h % 100 < 65 AND occurred_at < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
UNION ALL
SELECT
    'pqa_by_use', account_id, '', lower(hex(SHA256('pqa_by_use'))), 1, 'lead.qualified', 'pqa',
    lower(hex(sipHash128('pqa_by_use', account_id))),
    fromUnixTimestamp64Milli(steps[2] + 345600000, 'UTC') AS occurred_at, occurred_at, '', false, '[]', segment, occurred_at, ''
FROM bench_accounts
WHERE depth >= 2 AND h % 3 = 0 AND occurred_at < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
