-- One row per milestone, entity and occurrence: the earliest that any definition proved, exact at
-- any moment, merged or not, with the score, its model, what stood in for it and the segment of that
-- moment. Of a live milestone every entry is an occurrence. Only columns that are asked for are read.
CREATE OR REPLACE VIEW milestones AS
SELECT
    milestone,
    account_id,
    user_id,
    occurrence,
    occurred_at,
    definition_hash,
    id,
    type,
    detected_at,
    decided_by,
    late,
    evidence,
    score,
    contributions,
    segment,
    model,
    model_version,
    fell_back_to
FROM occurrence_rows FINAL
