SELECT $__timeInterval(occurred_at) AS time, concat(CAST(journey AS String), ': ', milestone) AS step, count() AS stuck
FROM stuck
WHERE $__timeFilter(occurred_at)
GROUP BY time, step
ORDER BY time
