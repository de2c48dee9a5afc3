-- Those that most have reached come first: on the way of everybody they stand in its order. What is
-- there more than once, to be merged later, hardly changes it.
SELECT milestone
FROM occurrence_rows
WHERE (user_id != '') = (${of:sqlstring} = 'user') AND occurrence = 1
GROUP BY milestone
ORDER BY count() DESC
