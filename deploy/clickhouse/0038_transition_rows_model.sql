-- The model of the scores of entries and exits, and what stood in for them: see milestone_rows.
ALTER TABLE transition_rows
    ADD COLUMN IF NOT EXISTS model LowCardinality(String),
    ADD COLUMN IF NOT EXISTS model_version LowCardinality(String),
    ADD COLUMN IF NOT EXISTS fell_back_to LowCardinality(String)
