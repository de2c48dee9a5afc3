-- What `milepost watch` has found, by watch, labels and the instant of its schedule that it was
-- found for. Readers use the view `watches` for what is so now.
--
-- Asked again for the same instant, the newer answer replaces the older.
CREATE TABLE IF NOT EXISTS watch_rows
(
    watch       LowCardinality(String),
    labels      Map(LowCardinality(String), String),
    at          DateTime64(3, 'UTC'),
    value       Float64,
    sample_size UInt64 COMMENT 'how many the value is of'
)
ENGINE = ReplacingMergeTree
ORDER BY (watch, mapKeys(labels), mapValues(labels), at)
TTL toDateTime(at) + INTERVAL 2 YEAR
