-- Accounts (their user_id is empty) and users that did something after the day of `since`, each
-- once. Whether there is a row is all that counts here, so the table will do and needs no FINAL.
SELECT account_id, '' AS user_id, 'account' AS kind
FROM activity_rows
WHERE account_id != '' AND day > toDate32(since) AND day <= toDate32(until)
GROUP BY account_id
UNION ALL
SELECT account_id, user_id, 'user' AS kind
FROM activity_rows
WHERE user_id != '' AND day > toDate32(since) AND day <= toDate32(until)
GROUP BY account_id, user_id
