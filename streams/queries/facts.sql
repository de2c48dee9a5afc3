SELECT role, count() AS facts
FROM facts
GROUP BY role
ORDER BY role
