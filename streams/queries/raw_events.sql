-- The raw events of these names, entity by entity, each of them by time. `event_rows` is in that order,
-- so nothing is sorted or kept that is larger than one account. A column that is not asked for is
-- empty, and not read.
SELECT
    account_id,
    user_id,
    toUnixTimestamp64Milli(at) AS time,
    event,
    if({event_ids:Bool}, event_id, '') AS id,
    if({properties:Bool}, properties, '') AS said,
    if({traits:Bool}, traits, '') AS carried
FROM events
WHERE (event IN {names:Array(String)} OR arrayExists(prefix -> startsWith(event, prefix), {prefixes:Array(String)}))
  AND if({of:String} = 'user', user_id, account_id) != ''
  AND at >= fromUnixTimestamp64Milli({start:Int64})
  AND at <= fromUnixTimestamp64Milli({last:Int64})
ORDER BY account_id, if({of:String} = 'user', user_id, ''), at
