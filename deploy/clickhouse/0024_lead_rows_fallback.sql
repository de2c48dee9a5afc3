-- The score that stood in: see milestone_rows.
ALTER TABLE lead_rows
    ADD COLUMN IF NOT EXISTS fell_back_to LowCardinality(String)
