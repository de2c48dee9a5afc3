-- From what is known of before. Run twice it changes nothing.
INSERT INTO presence_rows (account_id, user_id, first_at, last_at, days)
SELECT account_id, user_id, seen.first_at, seen.last_at, active.days
FROM
(
    SELECT account_id, user_id, min(rows.first_at) AS first_at, max(rows.last_at) AS last_at
    FROM seen_rows AS rows
    GROUP BY account_id, user_id
) AS seen
LEFT JOIN
(
    SELECT account_id, user_id, groupUniqArray(toInt32(day)) AS days
    FROM active_rows
    GROUP BY account_id, user_id
) AS active USING (account_id, user_id)
