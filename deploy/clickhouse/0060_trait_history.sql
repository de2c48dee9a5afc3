-- From when to when a trait had a value; `until` is NULL for the value of now. Saying the same again
-- is no change.
CREATE VIEW IF NOT EXISTS trait_history AS
SELECT
    account_id, user_id, name, value, changed_at,
    leadInFrame(toNullable(changed_at)) OVER later AS until
FROM
(
    SELECT
        account_id, user_id, name, value, changed_at,
        lagInFrame(toNullable(value)) OVER (PARTITION BY account_id, user_id, name ORDER BY changed_at) AS before
    FROM trait_history_rows FINAL
)
WHERE isNull(before) OR before != value
WINDOW later AS
(
    PARTITION BY account_id, user_id, name ORDER BY changed_at
    ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
)
