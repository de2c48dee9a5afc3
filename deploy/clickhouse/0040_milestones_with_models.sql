-- One row per milestone, entity and occurrence: the earliest that any definition proved, exact at
-- any moment, merged or not, with the score, its model, what stood in for it and the segment of that
-- moment. Of a live milestone every entry is an occurrence.
CREATE OR REPLACE VIEW milestones AS
SELECT
    milestone,
    account_id,
    user_id,
    occurrence,
    tupleElement(earliest, 1) AS occurred_at,
    tupleElement(earliest, 2) AS definition_hash,
    tupleElement(earliest, 3) AS id,
    tupleElement(earliest, 4) AS type,
    tupleElement(earliest, 5) AS detected_at,
    tupleElement(earliest, 6) AS decided_by,
    tupleElement(earliest, 7) AS late,
    tupleElement(earliest, 8) AS evidence,
    tupleElement(earliest, 9) AS score,
    tupleElement(earliest, 10) AS contributions,
    tupleElement(earliest, 11) AS segment,
    tupleElement(earliest, 12) AS model,
    tupleElement(earliest, 13) AS model_version,
    tupleElement(earliest, 14) AS fell_back_to
FROM
(
    SELECT
        milestone,
        account_id,
        user_id,
        occurrence,
        min((
            occurred_at, definition_hash, id, type, detected_at, decided_by, late, evidence,
            score, contributions, segment, model, model_version, fell_back_to
        )) AS earliest
    FROM
    (
        SELECT
            milestone, account_id, user_id, occurrence,
            occurred_at, definition_hash, id, type, detected_at, decided_by, late, evidence,
            score, contributions, segment, model, model_version, fell_back_to
        FROM milestone_rows
        UNION ALL
        SELECT
            milestone, account_id, user_id, occurrence,
            occurred_at, definition_hash, id, type, detected_at, decided_by, late, evidence,
            score, contributions, segment, model, model_version, fell_back_to
        FROM transition_rows
        WHERE type = 'milestone.entered'
    )
    GROUP BY milestone, account_id, user_id, occurrence
)
