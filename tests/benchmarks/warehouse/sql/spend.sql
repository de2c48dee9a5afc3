INSERT INTO fact_rows (role, at, account_id, user_id, event_id, event, value, channel)
SELECT 'spend', fromUnixTimestamp64Milli({end:Int64}, 'UTC') - toIntervalDay(number + 1), '', '',
       concat('s', toString(number), channel), 'Channel Spend', 100 + number, arrayJoin(['ads', 'partner', 'search']) AS channel
FROM numbers(365)
