SELECT assumeNotNull(toDateTime(day)) AS time, concat(CAST(shadow AS String), ' beside ', score) AS score, mean_difference
FROM shadow_scores
WHERE $__timeFilter(day)
ORDER BY time
