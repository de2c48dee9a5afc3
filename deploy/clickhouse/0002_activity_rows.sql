-- How often one user did one thing on one UTC day, as counted so far. Readers use the views
-- `activity_daily_by_account` and `activity_daily_by_user`.
--
-- `events` is absolute and only grows, so it is its own version. What came after its day was
-- closed is a `part` of its own, and a day's total is the sum over its parts.
-- An empty account_id or user_id means "none".
CREATE TABLE IF NOT EXISTS activity_rows
(
    account_id String,
    user_id    String,
    day        Date32 COMMENT 'UTC',
    event      LowCardinality(String),
    part       String,
    events     UInt64 COMMENT 'so far',
    first_at   DateTime64(3, 'UTC'),
    last_at    DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(events)
ORDER BY (account_id, day, event, user_id, part)
