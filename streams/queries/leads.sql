SELECT lead, count() AS leads
FROM leads
GROUP BY lead
ORDER BY lead
