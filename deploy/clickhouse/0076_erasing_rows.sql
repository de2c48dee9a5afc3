-- Who was erased of late: the sink deletes their rows of a time up to `through`, and lets none of that
-- time in when it comes later. Nobody else needs to read this.
--
-- Here ids are plain, for as long as the topics may still have rows of before: 30 days.
-- An empty user_id means the account with all its users; an empty account_id a user without one.
CREATE TABLE IF NOT EXISTS erasing_rows
(
    account_id String,
    user_id    String,
    through    DateTime64(3, 'UTC'),
    id         String COMMENT 'of the message entity.deleted',
    asked_at   DateTime64(3, 'UTC') COMMENT 'time of the event',
    asked_by   String,
    marked_at  DateTime64(3, 'UTC'),
    is_done    Bool COMMENT 'whether it was deleted again, for what had come meanwhile',
    version    UInt128 MATERIALIZED bitShiftLeft(toUInt128(toUnixTimestamp64Milli(through) + 2208988800000), 1) + is_done
               COMMENT 'milliseconds since 1900, then whether it is done'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (account_id, user_id)
TTL toDateTime(marked_at) + INTERVAL 30 DAY
