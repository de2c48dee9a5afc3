SELECT $__timeInterval(qualified_at) AS time, CAST(lead AS String) AS lead, count() AS qualified
FROM leads
WHERE $__timeFilter(qualified_at)
GROUP BY time, lead
ORDER BY time
