-- When an account or a user was there first and last. Readers use the views `people` and `accounts`.
--
-- Made from activity_rows by the view `seen_from_activity`. A day's first time only goes back and its
-- last one only forth, so the least and the greatest are right however often a row was replaced.
CREATE TABLE IF NOT EXISTS seen_rows
(
    account_id String CODEC(ZSTD),
    user_id    String CODEC(ZSTD),
    first_at   SimpleAggregateFunction(min, DateTime64(3, 'UTC')),
    last_at    SimpleAggregateFunction(max, DateTime64(3, 'UTC'))
)
ENGINE = AggregatingMergeTree
ORDER BY (account_id, user_id)
