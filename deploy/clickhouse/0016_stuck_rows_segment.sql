-- The segment that the entity was in when it got stuck; empty means "none". Being stuck has no
-- condition, and so no score that it names.
ALTER TABLE stuck_rows
    ADD COLUMN IF NOT EXISTS segment LowCardinality(String)
