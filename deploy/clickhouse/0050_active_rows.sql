-- Who did anything on which UTC day, whatever it was and however often. Readers use the view
-- `active_days`.
--
-- Made from activity_rows by the view `active_from_activity`: a row for all the events of a day, and
-- the days first, so that active users of a month are counted without reading the other months. A
-- set does not grow when the same is put in again, so rows that were replaced do no harm.
CREATE TABLE IF NOT EXISTS active_rows
(
    day        Date32 COMMENT 'UTC',
    account_id String CODEC(ZSTD),
    user_id    String CODEC(ZSTD)
)
ENGINE = ReplacingMergeTree
ORDER BY (day, account_id, user_id)
