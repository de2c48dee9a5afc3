-- What was told of abuse rules: that an account or user was flagged, and that it was free again, with
-- the evidence of each. Readers use the views `flags` and `fake_accounts`.
--
-- What was told is not rewritten: see transition_rows.
-- `until` is the end of the period, where the rule is a limit; NULL for rules with a condition. Of a
-- limit it is told only that it was passed.
-- An empty account_id, user_id or segment means "none".
CREATE TABLE IF NOT EXISTS flag_rows
(
    rule            LowCardinality(String),
    account_id      String,
    user_id         String,
    definition_hash String,
    occurrence      UInt64,
    type            LowCardinality(String),
    id              String,
    occurred_at     DateTime64(3, 'UTC'),
    detected_at     DateTime64(3, 'UTC'),
    decided_by      String,
    late            Bool,
    evidence        String COMMENT 'JSON',
    fake            Bool,
    until           Nullable(DateTime64(3, 'UTC')),
    segment         LowCardinality(String),
    version         UInt128 MATERIALIZED bitShiftLeft(toUInt128(10413791999999 - toUnixTimestamp64Milli(occurred_at)), 64) + toUInt64(10413791999999 - toUnixTimestamp64Milli(detected_at))
                    COMMENT 'milliseconds from occurred_at to the end of 2299, then from detected_at'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (rule, account_id, user_id, definition_hash, occurrence, type)
