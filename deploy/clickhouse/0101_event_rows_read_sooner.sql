-- Whoever counts funnels reads these three of most events: with LZ4 in a fifth less time, for a tenth more
-- on the disk. What is there already changes as parts are merged.
ALTER TABLE event_rows
    MODIFY COLUMN account_id String CODEC(LZ4),
    MODIFY COLUMN user_id String CODEC(LZ4),
    MODIFY COLUMN at DateTime64(3, 'UTC') CODEC(Delta(8), LZ4)
