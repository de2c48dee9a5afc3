-- The model of the scores of entries and exits: see milestone_rows.
ALTER TABLE transition_rows
    ADD COLUMN IF NOT EXISTS model LowCardinality(String),
    ADD COLUMN IF NOT EXISTS model_version LowCardinality(String)
