-- The score that stood in: see milestone_rows.
ALTER TABLE transition_rows
    ADD COLUMN IF NOT EXISTS fell_back_to LowCardinality(String)
