-- Who comes to the third step is a lead: routed at once, a fifth too late, four fifths closed.
INSERT INTO lead_rows
    (lead, account_id, user_id, definition_hash, occurrence, type, id, occurred_at, detected_at, decided_by, late, evidence,
     opened_at, score, contributions, segment, rule, team, owner, earliest, due, contacted_at, breached_at, outcome, reason, kind)
WITH
    fromUnixTimestamp64Milli(steps[3], 'UTC') AS opens_at,
    opens_at + INTERVAL 1 DAY AS is_due,
    h % 5 = 0 AS is_late
SELECT
    'pqa', account_id, '', lower(hex(SHA256('pqa'))), 1, type,
    lower(hex(sipHash128('pqa', account_id, type))),
    multiIf(type = 'lead.sla_breached', is_due, type = 'lead.closed', opens_at + INTERVAL 6 DAY, opens_at) AS occurred_at,
    occurred_at, '', false,
    concat('[{"condition":"score readiness >= 70","met":true,"value":', toString(70 + h % 30), '}]'),
    opens_at, 70 + h % 30,
    [('team_shares', 25., 3.), ('comes_back', 20., 8.), ('data_connected', 15., 1.)],
    segment, segment,
    multiIf(segment = 'large', 'account executives', segment = 'mid_market', 'sales', 'self-service'),
    concat('owner-', toString(h % 20)), opens_at, is_due,
    if(type = 'lead.closed', opens_at + toIntervalHour(if(is_late, 30, 5)), NULL),
    if(is_late AND type IN ('lead.sla_breached', 'lead.closed'), is_due, NULL),
    if(type = 'lead.closed', if(depth >= 4, 'converted', 'disqualified'), ''),
    if(type = 'lead.closed' AND depth < 4, ['no budget', 'no need', 'competitor'][1 + h % 3], ''),
    'pqa'
FROM bench_accounts
ARRAY JOIN arrayConcat(['lead.qualified', 'lead.routed'], if(h % 5 = 0, ['lead.sla_breached'], []), if(h % 11 < 9, ['lead.closed'], [])) AS type
WHERE depth >= 3 AND occurred_at < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
ORDER BY account_id
