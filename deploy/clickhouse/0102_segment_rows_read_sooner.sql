-- See event_rows_read_sooner.
ALTER TABLE segment_rows
    MODIFY COLUMN account_id String CODEC(LZ4),
    MODIFY COLUMN user_id String CODEC(LZ4)
