-- What was told of leads: that one qualified, was routed, breached its SLA and was closed, each with
-- all that was known of the lead then. Readers use the views `leads` and `sla_daily`.
--
-- What was told is not rewritten: see transition_rows.
-- An empty account_id, user_id, segment or owner means "none"; an empty rule, with earliest and due
-- NULL, that no rule took it; an empty outcome that it is open. A NULL score means that the
-- condition names none.
CREATE TABLE IF NOT EXISTS lead_rows
(
    lead            LowCardinality(String),
    account_id      String,
    user_id         String,
    definition_hash String,
    occurrence      UInt64,
    type            LowCardinality(String),
    id              String,
    occurred_at     DateTime64(3, 'UTC'),
    detected_at     DateTime64(3, 'UTC'),
    decided_by      String,
    late            Bool,
    evidence        String COMMENT 'JSON',
    opened_at       DateTime64(3, 'UTC'),
    score           Nullable(Float64),
    contributions   Array(Tuple(component String, points Float64, signal Float64)),
    segment         LowCardinality(String),
    contacts        Array(Tuple(user_id String, score Nullable(Float64))),
    rule            LowCardinality(String),
    team            LowCardinality(String),
    owner           String,
    earliest        Nullable(DateTime64(3, 'UTC')),
    due             Nullable(DateTime64(3, 'UTC')),
    contacted_at    Nullable(DateTime64(3, 'UTC')),
    breached_at     Nullable(DateTime64(3, 'UTC')),
    merged          UInt64,
    outcome         LowCardinality(String),
    reason          String,
    version         UInt128 MATERIALIZED bitShiftLeft(toUInt128(10413791999999 - toUnixTimestamp64Milli(occurred_at)), 64) + toUInt64(10413791999999 - toUnixTimestamp64Milli(detected_at))
                    COMMENT 'milliseconds from occurred_at to the end of 2299, then from detected_at'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (lead, account_id, user_id, definition_hash, occurrence, type)
