-- The trained model, and its version, that the score was computed by; empty where the definitions
-- themselves say the score, where there is none, and in rows from before this.
ALTER TABLE milestone_rows
    ADD COLUMN IF NOT EXISTS model LowCardinality(String),
    ADD COLUMN IF NOT EXISTS model_version LowCardinality(String)
