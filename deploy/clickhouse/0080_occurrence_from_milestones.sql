-- Rows that are told again say the same again, and of all the earliest stays: see occurrence_rows.
CREATE MATERIALIZED VIEW IF NOT EXISTS occurrence_from_milestones TO occurrence_rows AS
SELECT
    milestone, account_id, user_id, occurrence,
    definition_hash, id, type, occurred_at, detected_at, decided_by, late, evidence,
    score, contributions, segment, model, model_version, fell_back_to
FROM milestone_rows
