-- That somebody was erased, for ever: when, at whose request, and how many rows. Readers use the view
-- `erasures`.
--
-- Who it was is not said: `entity` is SHA-256 of the ids, by which whoever knows the ids finds it. The
-- same told again is one row, with the highest count.
CREATE TABLE IF NOT EXISTS erasure_rows
(
    id        String,
    entity    String,
    of        LowCardinality(String) COMMENT 'account or user',
    asked_at  DateTime64(3, 'UTC') COMMENT 'time of the event',
    asked_by  String,
    erased_at DateTime64(3, 'UTC'),
    rows      UInt64
)
ENGINE = ReplacingMergeTree(rows)
ORDER BY (entity, id)
