-- The model of the scores of leads: see milestone_rows.
ALTER TABLE lead_rows
    ADD COLUMN IF NOT EXISTS model LowCardinality(String),
    ADD COLUMN IF NOT EXISTS model_version LowCardinality(String)
