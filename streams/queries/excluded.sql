-- How many events each abuse rule excluded.
SELECT
    rule,
    sum(events) AS events
FROM excluded_daily
GROUP BY rule
ORDER BY rule
