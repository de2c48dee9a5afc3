SELECT
    lead,
    outcome,
    reason,
    count() AS leads,
    medianExact(dateDiff('second', qualified_at, assumeNotNull(closed_at))) AS median_time
FROM leads
WHERE isNotNull(closed_at) AND $__timeFilter(closed_at)
GROUP BY lead, outcome, reason
ORDER BY lead, leads DESC
