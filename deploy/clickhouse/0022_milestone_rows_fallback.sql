-- The score that stood in for the one that the condition names, whose score and contributions are
-- those of the row; empty where it stood for itself, as in rows from before this.
ALTER TABLE milestone_rows
    ADD COLUMN IF NOT EXISTS fell_back_to LowCardinality(String)
