-- When anybody did anything last.
SELECT toUnixTimestamp64Milli(max(last_at)) AS newest
FROM seen_rows
