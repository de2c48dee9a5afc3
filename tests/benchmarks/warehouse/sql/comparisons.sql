INSERT INTO comparison_rows
    (score, shadow, shadow_hash, milestone, account_id, user_id, definition_hash, occurrence, told, id, qualification, occurred_at,
     detected_at, value, shadow_value, contributions)
SELECT
    'readiness', 'readiness_by_use', lower(hex(SHA256('readiness_by_use'))), 'pqa', account_id, '', lower(hex(SHA256('pqa'))), 1,
    'lead.qualified', lower(hex(sipHash128('comparison', account_id))), lower(hex(sipHash128('pqa', account_id, 'lead.qualified'))),
    fromUnixTimestamp64Milli(steps[3], 'UTC') AS occurred_at, occurred_at, 70 + h % 30, 60 + h % 40, [('comes_back', 20., 8.)]
FROM bench_accounts
WHERE depth >= 3 AND occurred_at < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
