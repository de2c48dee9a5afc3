-- The segment that an account or a user was in when something was told of it last. Readers use the
-- views `people` and `accounts`.
--
-- Made from the rows of milestones, transitions, stuck journeys and leads by the views
-- `segment_from_…`, which copy and do not count: a row that is replaced there does no harm here.
-- The newest by event time stays; of two segments of the same millisecond a hash decides, as in
-- trait_rows. An empty segment means that it was in none.
CREATE TABLE IF NOT EXISTS segment_rows
(
    account_id  String CODEC(ZSTD),
    user_id     String CODEC(ZSTD),
    segment     LowCardinality(String),
    occurred_at DateTime64(3, 'UTC'),
    version     UInt128 MATERIALIZED bitShiftLeft(toUInt128(toUnixTimestamp64Milli(occurred_at) + 2208988800000), 64) + cityHash64(segment)
                COMMENT 'milliseconds since 1900, then the hash'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (account_id, user_id)
