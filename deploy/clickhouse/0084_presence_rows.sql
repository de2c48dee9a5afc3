-- Users: first and last seen, when they signed up first, by which channel they came, and the UTC days on
-- which they did something. Readers use the views `presence`, `people` and `accounts`.
--
-- So who came back after a sign-up is known from one row for each user, where active_rows has one for
-- each day of each. Made from activity_rows and fact_rows by the views `presence_from_…`; all take the
-- least, the greatest or a set, which do not change when a row comes twice: see seen_rows. A bitmap is merged sooner than an array is.
-- `came_by` is the first sign-up that says a channel; of those at the same moment (a fact that was written
-- again) the one that was written last. What has no channel says so with a time that is never the least.
CREATE TABLE IF NOT EXISTS presence_rows
(
    account_id   String CODEC(ZSTD),
    user_id      String CODEC(ZSTD),
    first_at     SimpleAggregateFunction(min, DateTime64(3, 'UTC')),
    last_at      SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
    signed_up_at SimpleAggregateFunction(min, Nullable(DateTime64(3, 'UTC'))),
    came_by      SimpleAggregateFunction(min, Tuple(at DateTime64(3, 'UTC'), unwritten Int64, channel String))
                 DEFAULT (toDateTime64('2299-12-31 23:59:59.999', 3, 'UTC'), 0, ''),
    days         AggregateFunction(groupBitmap, UInt32) COMMENT 'since 1900-01-01'
)
ENGINE = AggregatingMergeTree
ORDER BY (account_id, user_id)
