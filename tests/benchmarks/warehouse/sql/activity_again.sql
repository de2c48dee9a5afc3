-- The last day is told again and again as its counts grow: three times here, in parts of their own.
INSERT INTO activity_rows (account_id, user_id, day, event, part, events, first_at, last_at)
SELECT account_id, user_id, day, event, part, events + {more:UInt64}, first_at, last_at
FROM activity_rows
WHERE day = toDate32(fromUnixTimestamp64Milli({end:Int64} - 1, 'UTC')) AND part = ''
