-- What each did on each day: sessions, and some of the other events.
INSERT INTO activity_rows (account_id, user_id, day, event, part, events, first_at, last_at)
WITH
    ['Comment Added', 'Document Created', 'Document Edited', 'Document Shared', 'Document Viewed',
     'Feature Used', 'Help Viewed', 'Invite Sent', 'Pricing Viewed', 'Search Made', 'Session Started'] AS names,
    [240, 300, 450, 160, 800, 560, 80, 30, 40, 340, 1000] AS shares
SELECT
    account_id,
    user_id,
    toDate32(at) AS day,
    event,
    '' AS part,
    if(r % 5 = 0, 2 + r % 7, 1) AS events,
    at AS first_at,
    at + toIntervalSecond(if(events = 1, 0, r % 3000)) AS last_at
FROM
(
    SELECT
        account_id,
        user_id,
        arrayJoin(arrayFilter((name, share) -> cityHash64(h, offset, name) % 1000 < share, names, shares)) AS event,
        cityHash64(h, offset, event, 'rest') AS r,
        toStartOfDay(joined_at) + toIntervalDay(offset) + toIntervalMillisecond(28800000 + r % 43200000) AS at
    FROM
    (
        SELECT
            account_id, user_id, h, joined_at,
            arrayJoin(arrayFilter(nth -> nth = 0 OR cityHash64(h, nth) % 100 < pace, range(life))) AS offset
        FROM bench_users
        WHERE n >= {low:UInt64} AND n < {high:UInt64}
    )
)
WHERE at < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
ORDER BY account_id, day, event, user_id
