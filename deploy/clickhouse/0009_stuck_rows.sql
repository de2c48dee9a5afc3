-- Who got stuck on a journey: after the step `milestone` the next one took too long. Readers use
-- the view `stuck`.
--
-- Of rows with the same key the one with the earliest occurred_at stays, then the one with the
-- earliest detected_at: see transition_rows.
-- An empty account_id or user_id means "none".
CREATE TABLE IF NOT EXISTS stuck_rows
(
    journey         LowCardinality(String),
    milestone       LowCardinality(String),
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
    version         UInt128 MATERIALIZED bitShiftLeft(toUInt128(10413791999999 - toUnixTimestamp64Milli(occurred_at)), 64) + toUInt64(10413791999999 - toUnixTimestamp64Milli(detected_at))
                    COMMENT 'milliseconds from occurred_at to the end of 2299, then from detected_at'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (journey, milestone, account_id, user_id, definition_hash, occurrence)
