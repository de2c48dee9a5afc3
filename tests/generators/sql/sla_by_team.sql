SELECT assumeNotNull(toDateTime(day)) AS time, CAST(team AS String) AS team, 100 * sum(held) / sum(due) AS in_time
FROM sla_daily
WHERE $__timeFilter(day)
GROUP BY day, team
ORDER BY time
