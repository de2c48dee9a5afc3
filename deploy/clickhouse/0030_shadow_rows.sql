-- What was told of milestones and leads in the shadow, which subscribers are never told: what the
-- live ones have in milestone_rows, transition_rows and lead_rows. No view of the live ones reads it,
-- and one that goes live begins anew there. Readers use the views `shadow_milestones`,
-- `shadow_leads` and the pairs behind them.
--
-- `shadow_of` is the live one that it is compared with, empty for none. A correction takes the place
-- of what it corrects; of rows with the same key the one with the earliest occurred_at stays, then
-- the one with the earliest detected_at: see transition_rows.
-- An empty text means "none", as in lead_rows; opened_at is NULL for milestones.
CREATE TABLE IF NOT EXISTS shadow_rows
(
    name            LowCardinality(String),
    account_id      String,
    user_id         String,
    definition_hash String,
    occurrence      UInt64,
    type            LowCardinality(String),
    shadow_of       LowCardinality(String),
    id              String,
    occurred_at     DateTime64(3, 'UTC'),
    detected_at     DateTime64(3, 'UTC'),
    decided_by      String,
    late            Bool,
    evidence        String COMMENT 'JSON',
    score           Nullable(Float64),
    contributions   Array(Tuple(component String, points Float64, signal Float64)),
    segment         LowCardinality(String),
    opened_at       Nullable(DateTime64(3, 'UTC')),
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
    model           LowCardinality(String),
    model_version   LowCardinality(String),
    kind            LowCardinality(String),
    action          LowCardinality(String),
    approver        String,
    override_reason String,
    overridden_at   Nullable(DateTime64(3, 'UTC')),
    rerouted_by     String,
    fell_back_to    LowCardinality(String),
    version         UInt128 MATERIALIZED bitShiftLeft(toUInt128(10413791999999 - toUnixTimestamp64Milli(occurred_at)), 64) + toUInt64(10413791999999 - toUnixTimestamp64Milli(detected_at))
                    COMMENT 'milliseconds from occurred_at to the end of 2299, then from detected_at'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (name, account_id, user_id, definition_hash, occurrence, replaceOne(type, 'corrected', 'reached'), rerouted_by)
