SELECT
    lead,
    rule,
    team,
    sum(sla_daily.due) AS due,
    sum(sla_daily.breached) AS breached,
    100 * sum(sla_daily.held) / due AS in_time
FROM sla_daily
WHERE $__timeFilter(day)
GROUP BY lead, rule, team
ORDER BY in_time
