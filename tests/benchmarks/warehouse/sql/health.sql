INSERT INTO health_rows
    (health, account_id, user_id, definition_hash, occurrence, id, occurred_at, detected_at, decided_by, late, evidence, level,
     before, milestone, segment)
SELECT
    'usage', account_id, '', lower(hex(SHA256('usage'))), nth + 1, lower(hex(sipHash128('health', account_id, nth))),
    joined_at + toIntervalDay(14 * (nth + 1)) AS occurred_at, occurred_at, '', false, '[]',
    ['yellow', 'red', 'green'][1 + nth % 3], ['green', 'yellow', 'red'][1 + nth % 3], 'onboarded', segment
FROM bench_accounts
ARRAY JOIN range(1 + h % 5) AS nth
WHERE occurred_at < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
