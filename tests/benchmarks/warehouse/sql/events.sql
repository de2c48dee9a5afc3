-- The raw events of the last 90 days: one for each row of activity.
INSERT INTO event_rows (account_id, user_id, at, event_id, event, properties, traits, invite)
SELECT
    account_id,
    user_id,
    first_at AS at,
    concat('e', leftPad(lower(hex(cityHash64(user_id, event, day))), 16, '0')) AS event_id,
    event,
    concat('{"plan":"', ['free', 'team', 'enterprise'][1 + cityHash64(account_id) % 3],
           '","document":"d', toString(cityHash64(event_id) % 1000000), '","minutes":', toString(cityHash64(event_id) % 90), '}'),
    '' AS traits,
    event = 'Invite Sent'
FROM activity_rows
WHERE day >= toDate32(fromUnixTimestamp64Milli({low:Int64}, 'UTC'))
  AND day < toDate32(fromUnixTimestamp64Milli({high:Int64}, 'UTC'))
  AND (event != 'Invite Sent' OR day >= toDate32(fromUnixTimestamp64Milli({end:Int64}, 'UTC')) - 29)
ORDER BY account_id, user_id, at
