-- How often an abuse rule excluded one event of one user on one UTC day, as counted so far. Readers
-- use the view `excluded_daily`. None of it is in activity_rows.
--
-- Like activity_rows in all else.
CREATE TABLE IF NOT EXISTS excluded_rows
(
    account_id String,
    user_id    String,
    day        Date32 COMMENT 'UTC',
    event      LowCardinality(String),
    rule       LowCardinality(String),
    part       String,
    events     UInt64 COMMENT 'so far',
    first_at   DateTime64(3, 'UTC'),
    last_at    DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(events)
ORDER BY (account_id, day, event, user_id, rule, part)
