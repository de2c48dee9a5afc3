-- What has a role stays for ever: a fact for each role of it.
INSERT INTO fact_rows (role, at, account_id, user_id, event_id, event, feature)
SELECT
    arrayJoin(multiIf(
        event = 'Document Created', ['key_action'],
        event = 'Document Shared', ['key_features', 'product_shared'],
        event = 'Comment Added', ['key_features'],
        event = 'Help Viewed', ['help_viewed'],
        ['invite_sent']
    )) AS role,
    first_at AS at,
    account_id,
    user_id,
    concat('e', leftPad(lower(hex(cityHash64(user_id, event, day))), 16, '0')) AS event_id,
    event,
    if(role = 'key_features', event, '')
FROM activity_rows
WHERE day >= toDate32(fromUnixTimestamp64Milli({low:Int64}, 'UTC'))
  AND day < toDate32(fromUnixTimestamp64Milli({high:Int64}, 'UTC'))
  AND event IN ('Comment Added', 'Document Created', 'Document Shared', 'Help Viewed', 'Invite Sent')
ORDER BY role, at
