SELECT milestone, count() AS occurrences
FROM milestones
GROUP BY milestone
ORDER BY milestone
