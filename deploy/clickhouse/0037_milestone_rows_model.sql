-- The trained model, and its version, that the score was computed by; empty where the definitions
-- themselves say the score, where there is none, and in rows from before this. And the score that
-- stood in for the one that the condition names, whose score, contributions and model are those of
-- the row; empty where it stood for itself, as in rows from before this.
ALTER TABLE milestone_rows
    ADD COLUMN IF NOT EXISTS model LowCardinality(String),
    ADD COLUMN IF NOT EXISTS model_version LowCardinality(String),
    ADD COLUMN IF NOT EXISTS fell_back_to LowCardinality(String)
