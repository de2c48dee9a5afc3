-- Milestone occurrences as the worker published them. Readers use the view `milestones`.
--
-- Rows are absolute, so a row written twice counts once. Of the rows that share the sort key the
-- one with the highest version stays: the version grows as occurred_at gets earlier, because a
-- correction only ever proves an earlier time, and may be delivered before what it corrects.
-- An empty account_id or user_id means "none".
-- No partitions: event time may be any day of four centuries, and one insert that touches more
-- than 100 partitions is refused by the server.
CREATE TABLE IF NOT EXISTS milestone_rows
(
    milestone       LowCardinality(String),
    account_id      String,
    user_id         String,
    definition_hash String,
    occurrence      UInt64,
    id              String,
    type            LowCardinality(String),
    occurred_at     DateTime64(3, 'UTC'),
    detected_at     DateTime64(3, 'UTC'),
    decided_by      String,
    late            Bool,
    evidence        String COMMENT 'JSON',
    version         UInt64 MATERIALIZED toUInt64(10413791999999 - toUnixTimestamp64Milli(occurred_at))
                    COMMENT 'milliseconds from occurred_at to the end of 2299'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (milestone, account_id, user_id, definition_hash, occurrence)
