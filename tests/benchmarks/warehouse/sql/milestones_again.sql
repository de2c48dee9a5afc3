-- What was told in the last day, by a sink that reads it once more.
INSERT INTO milestone_rows
    (milestone, account_id, user_id, definition_hash, occurrence, id, type, occurred_at, detected_at, decided_by, late,
     evidence, score, contributions, segment)
SELECT
    milestone, account_id, user_id, definition_hash, occurrence, id, type, occurred_at, detected_at, decided_by, late,
    evidence, score, contributions, segment
FROM milestone_rows
WHERE occurred_at >= (SELECT max(occurred_at) - INTERVAL 1 DAY FROM milestone_rows)
LIMIT 1 BY milestone, account_id, user_id, occurrence
