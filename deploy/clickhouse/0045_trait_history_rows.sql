-- Traits as identify and group events said them, each with its time. Readers use the view
-- `trait_history`.
--
-- Two values said for the same millisecond have no order of their own: a hash of the value decides,
-- as in trait_rows.
-- An empty user_id means a trait of the account; an empty account_id a user without one.
CREATE TABLE IF NOT EXISTS trait_history_rows
(
    account_id String CODEC(ZSTD),
    user_id    String CODEC(ZSTD),
    name       LowCardinality(String),
    changed_at DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD),
    value      String CODEC(ZSTD) COMMENT 'JSON',
    version    UInt64 MATERIALIZED cityHash64(value)
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (account_id, user_id, name, changed_at)
