-- Events that have a role, and what the role says of them. Readers use the view `facts`.
--
-- An event that comes twice has the same id and the same time, and is one row of each of its roles;
-- of rows with the same key the one that was written last stays, which is what an edit of the roles
-- and a second reading of the events is for.
-- Questions name a role and often a time, so these come first in the key: parts that were written
-- one after the other hardly overlap, and reading them FINAL costs little.
-- No partitions: see milestone_rows.
-- An empty account_id, user_id or attribute means "none", as does NULL. `value` is the amount or
-- the score. Who was invited is forgotten after 30 days.
CREATE TABLE IF NOT EXISTS fact_rows
(
    role       LowCardinality(String),
    at         DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD),
    account_id String CODEC(ZSTD),
    user_id    String CODEC(ZSTD),
    event_id   String CODEC(ZSTD),
    event      LowCardinality(String),
    value      Nullable(Float64),
    plan       LowCardinality(String),
    channel    LowCardinality(String),
    experiment LowCardinality(String),
    variant    LowCardinality(String),
    feature    LowCardinality(String),
    self_serve Nullable(Bool),
    given      Nullable(Bool),
    invitee    String CODEC(ZSTD) TTL toDateTime(at) + INTERVAL 30 DAY
)
ENGINE = ReplacingMergeTree
ORDER BY (role, at, account_id, user_id, event_id)
