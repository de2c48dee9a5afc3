-- Who is inside a live milestone now: those whose newest transition is an entry. Of several
-- definitions of a milestone the one counts that told something last: nobody ever leaves one that
-- is no longer in use.
CREATE VIEW IF NOT EXISTS inside AS
SELECT
    milestone,
    account_id,
    user_id,
    definition_hash,
    tupleElement(newest, 2) AS occurrence,
    tupleElement(newest, 4) AS entered_at
FROM
(
    SELECT
        milestone,
        account_id,
        user_id,
        definition_hash,
        max((ifNull(exited_at, entered_at), occurrence, isNotNull(exited_at), entered_at)) AS newest
    FROM memberships
    WHERE (milestone, definition_hash) IN
    (
        SELECT milestone, argMax(definition_hash, (detected_at, definition_hash))
        FROM transition_rows
        GROUP BY milestone
    )
    GROUP BY milestone, account_id, user_id, definition_hash
)
WHERE NOT tupleElement(newest, 3)
