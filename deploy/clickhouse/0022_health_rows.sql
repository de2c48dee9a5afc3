-- Each change of a health that was told: to which level, from which, how far the entity had come by
-- then (`milestone`), and why. Readers use the views `health_now` and `health_spans`.
--
-- What was told is not rewritten: see transition_rows.
-- An empty account_id, user_id or segment means "none"; an empty milestone that none of those that
-- it is told with was reached yet. A NULL score means that the conditions name none.
CREATE TABLE IF NOT EXISTS health_rows
(
    health          LowCardinality(String),
    account_id      String,
    user_id         String,
    definition_hash String,
    occurrence      UInt64,
    id              String,
    occurred_at     DateTime64(3, 'UTC'),
    detected_at     DateTime64(3, 'UTC'),
    decided_by      String,
    late            Bool,
    evidence        String COMMENT 'JSON',
    level           LowCardinality(String),
    before          LowCardinality(String),
    milestone       LowCardinality(String),
    score           Nullable(Float64),
    contributions   Array(Tuple(component String, points Float64, signal Float64)),
    segment         LowCardinality(String),
    model           LowCardinality(String),
    model_version   LowCardinality(String),
    fell_back_to    LowCardinality(String),
    version         UInt128 MATERIALIZED bitShiftLeft(toUInt128(10413791999999 - toUnixTimestamp64Milli(occurred_at)), 64) + toUInt64(10413791999999 - toUnixTimestamp64Milli(detected_at))
                    COMMENT 'milliseconds from occurred_at to the end of 2299, then from detected_at'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (health, account_id, user_id, definition_hash, occurrence)
