-- From what was told before. Run twice it changes nothing.
INSERT INTO occurrence_rows
(
    milestone, account_id, user_id, occurrence,
    definition_hash, id, type, occurred_at, detected_at, decided_by, late, evidence,
    score, contributions, segment, model, model_version, fell_back_to
)
SELECT
    milestone, account_id, user_id, occurrence,
    definition_hash, id, type, occurred_at, detected_at, decided_by, late, evidence,
    score, contributions, segment, model, model_version, fell_back_to
FROM milestone_rows
UNION ALL
SELECT
    milestone, account_id, user_id, occurrence,
    definition_hash, id, type, occurred_at, detected_at, decided_by, late, evidence,
    score, contributions, segment, model, model_version, fell_back_to
FROM transition_rows
WHERE type = 'milestone.entered'
