-- help: Share of the leads due in the last 30 days that were contacted in time.
-- unit: ratio
-- labels: lead, rule, team
-- sample: leads due
-- period: 30d
SELECT lead, rule, team, sum(held) / sum(due) AS value, sum(due) AS sample_size
FROM sla_daily
WHERE day > toDate32(since) AND day <= toDate32(until)
GROUP BY lead, rule, team
