-- Product events as they were sent, for as long as the setting `raw_events_days` says: `milepost
-- migrate` puts it in place of the 90 days. Readers use the views `events` and `sessions`.
--
-- An event that comes twice has the same id and the same time, and is one row. Events that tell of
-- somebody who was invited go after 30 days. The sink writes no event that would go at once, so an
-- insert touches few partitions.
-- An empty account_id or user_id means "none", an empty text of traits too.
CREATE TABLE IF NOT EXISTS event_rows
(
    account_id String CODEC(ZSTD),
    user_id    String CODEC(ZSTD),
    at         DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD),
    event_id   String CODEC(ZSTD),
    event      LowCardinality(String),
    properties String CODEC(ZSTD(3)) COMMENT 'JSON',
    traits     String CODEC(ZSTD(3)) COMMENT 'JSON',
    invite     Bool
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(at)
ORDER BY (account_id, user_id, at, event_id)
TTL toDateTime(at) + INTERVAL 90 DAY, toDateTime(at) + INTERVAL 30 DAY DELETE WHERE invite
