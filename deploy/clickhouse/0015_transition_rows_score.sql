-- Score, contributions and segment of entries and exits: see milestone_rows.
ALTER TABLE transition_rows
    ADD COLUMN IF NOT EXISTS score Nullable(Float64),
    ADD COLUMN IF NOT EXISTS contributions Array(Tuple(component String, points Float64, signal Float64)),
    ADD COLUMN IF NOT EXISTS segment LowCardinality(String)
