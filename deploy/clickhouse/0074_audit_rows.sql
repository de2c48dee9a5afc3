-- The record of every decision: each time that a milestone or a lead was told, by what it was decided,
-- and what somebody decided otherwise. Readers use the view `audit`.
--
-- What was told is not rewritten: see transition_rows. With the setting `audit_key`, `id`, `account_id`,
-- `user_id` and `decided_by` are keyed hashes of what they are elsewhere. `milepost migrate` sets for
-- how long rows are kept, by the setting `audit_days`.
--
-- An empty account_id, user_id, kind, model, segment, rule, team, action or outcome means "none"; an
-- empty decided_by that the passing of time decided. A NULL score means that the condition names none.
CREATE TABLE IF NOT EXISTS audit_rows
(
    id              String,
    type            LowCardinality(String),
    name            LowCardinality(String) COMMENT 'of the milestone, or of the lead',
    kind            LowCardinality(String) COMMENT 'of a lead: pqa, pql or eql',
    account_id      String,
    user_id         String,
    is_pseudonymous Bool,
    occurrence      UInt64,
    occurred_at     DateTime64(3, 'UTC'),
    detected_at     DateTime64(3, 'UTC'),
    decided_by      String,
    late            Bool,
    definition_hash String,
    model           LowCardinality(String),
    model_version   LowCardinality(String),
    score           Nullable(Float64),
    features        Map(String, Float64) COMMENT 'component of the score: its signal',
    evidence        String COMMENT 'JSON',
    segment         LowCardinality(String),
    rule            LowCardinality(String),
    team            LowCardinality(String),
    outcome         LowCardinality(String),
    reason          String COMMENT 'of the outcome',
    action          LowCardinality(String) COMMENT 'of the newest override: qualify, close or reroute',
    approver        String,
    override_reason String,
    overridden_at   Nullable(DateTime64(3, 'UTC')),
    version         UInt64 MATERIALIZED 10413791999999 - toUnixTimestamp64Milli(detected_at)
                    COMMENT 'milliseconds from detected_at to the end of 2299'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (account_id, user_id, name, id)
