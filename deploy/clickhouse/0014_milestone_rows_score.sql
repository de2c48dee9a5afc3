-- The score that a milestone's condition names, as it stood at occurred_at, what it is made of (the
-- most points first), and the segment that the entity was in then. A NULL score means that the
-- condition names none, an empty segment "none"; both are so in rows from before this.
ALTER TABLE milestone_rows
    ADD COLUMN IF NOT EXISTS score Nullable(Float64),
    ADD COLUMN IF NOT EXISTS contributions Array(Tuple(component String, points Float64, signal Float64)),
    ADD COLUMN IF NOT EXISTS segment LowCardinality(String)
