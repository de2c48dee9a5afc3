-- Who has reached nothing since.
SELECT
    stuck.journey AS journey,
    stuck.milestone AS stuck_at,
    stuck.account_id AS account,
    stuck.user_id AS user,
    stuck.segment AS segment,
    stuck.occurred_at AS since
FROM stuck
LEFT JOIN
(
    SELECT account_id, user_id, max(first) AS newest
    FROM
    (
        -- As `milestones`, for these alone: of what is there more than once the earliest counts.
        SELECT account_id, user_id, min(occurred_at) AS first
        FROM occurrence_rows
        WHERE (account_id, user_id) IN (SELECT account_id, user_id FROM stuck WHERE $__timeFilter(occurred_at))
        GROUP BY account_id, user_id, milestone, occurrence
    )
    WHERE first > $__fromTime
    GROUP BY account_id, user_id
) AS reached USING (account_id, user_id)
WHERE $__timeFilter(stuck.occurred_at) AND reached.newest <= stuck.occurred_at
ORDER BY since DESC
LIMIT 500
