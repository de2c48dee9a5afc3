SELECT $__timeInterval(occurred_at) AS time, CAST(milestone AS String) AS milestone, count() AS reached
FROM milestones
WHERE $__timeFilter(occurred_at)
GROUP BY time, milestone
ORDER BY time
