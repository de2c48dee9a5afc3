-- Traits as identify and group events said them. Readers use the view `traits`.
--
-- The newest by event time stays. Two values said for the same millisecond have no order of
-- their own: a hash of the value decides, so that every arrival order gives the same answer.
-- An empty user_id means a trait of the account; an empty account_id a user without one.
CREATE TABLE IF NOT EXISTS trait_rows
(
    account_id String,
    user_id    String,
    name       LowCardinality(String),
    value      String COMMENT 'JSON',
    changed_at DateTime64(3, 'UTC'),
    version    UInt128 MATERIALIZED bitShiftLeft(toUInt128(toUnixTimestamp64Milli(changed_at) + 2208988800000), 64) + cityHash64(value)
               COMMENT 'milliseconds since 1900, then the hash'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (account_id, user_id, name)
