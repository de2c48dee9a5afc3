-- Since when raw events are there, and until when.
SELECT
    toUnixTimestamp64Milli(min(at)) AS oldest,
    toUnixTimestamp64Milli(max(at)) AS newest
FROM event_rows
HAVING count() > 0
