-- The parameters that `milepost watch` has set, by name and the time from which on they count.
--
-- The row that was written first stays: a watch that starts again, and a second one beside it, send
-- the value that was settled once. It is written before it is sent.
-- `share` is the false-positive share that a fallback was switched for, NULL of a baseline; `sample_size`
-- how many leads it is of, or of how many accounts or users a baseline was computed.
CREATE TABLE IF NOT EXISTS parameter_rows
(
    name        LowCardinality(String),
    at          DateTime64(3, 'UTC'),
    value       Float64,
    sample_size UInt64,
    share       Nullable(Float64),
    version     UInt64 MATERIALIZED toUInt64(10413791999999999 - toUnixTimestamp64Micro(now64(6)))
                COMMENT 'microseconds from when it was written to the end of 2299'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (name, at)
