INSERT INTO stuck_rows
    (journey, milestone, account_id, user_id, definition_hash, occurrence, id, occurred_at, detected_at, decided_by, late,
     evidence, segment)
SELECT
    'self_serve', ['signed_up', 'onboarded', 'pql'][depth], account_id, '', lower(hex(SHA256('self_serve'))), 1,
    lower(hex(sipHash128('stuck', account_id))),
    fromUnixTimestamp64Milli(steps[depth] + toInt64(86400000) * [3, 21, 30][depth], 'UTC') AS occurred_at,
    occurred_at, '', false, '[]', segment
FROM bench_accounts
WHERE depth <= 3 AND occurred_at < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
