-- Those that most have reached come first: on the way of everybody they stand in its order.
SELECT milestone
FROM milestones
WHERE (user_id != '') = (${of:sqlstring} = 'user') AND occurrence = 1
GROUP BY milestone
ORDER BY count() DESC
