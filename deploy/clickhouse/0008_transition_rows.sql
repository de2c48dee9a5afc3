-- Entries into live milestones and exits from them. Readers use the views `memberships` and
-- `inside`, and `milestones`, where each entry is an occurrence.
--
-- An exit has the occurrence of its entry. What was published is not rewritten, so the rows that
-- share the sort key all say the same; were they ever to differ, the earliest stays, so that every
-- order of arrival ends the same.
-- An empty account_id or user_id means "none".
CREATE TABLE IF NOT EXISTS transition_rows
(
    milestone       LowCardinality(String),
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
    version         UInt128 MATERIALIZED bitShiftLeft(toUInt128(10413791999999 - toUnixTimestamp64Milli(occurred_at)), 64) + toUInt64(10413791999999 - toUnixTimestamp64Milli(detected_at))
                    COMMENT 'milliseconds from occurred_at to the end of 2299, then from detected_at'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (milestone, account_id, user_id, definition_hash, occurrence, type)
