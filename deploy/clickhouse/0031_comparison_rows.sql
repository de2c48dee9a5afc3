-- Scores in the shadow beside the live ones that they are compared with: a row for each time that a
-- milestone or a lead told the live one (`told` is the type; what was corrected is
-- milestone.reached). Readers use the view `shadow_scores`.
--
-- Of rows with the same key the one with the earliest occurred_at stays: see transition_rows.
-- An empty account_id or user_id means "none".
CREATE TABLE IF NOT EXISTS comparison_rows
(
    score           LowCardinality(String),
    shadow          LowCardinality(String),
    shadow_hash     String COMMENT 'fingerprint of the score in the shadow',
    milestone       LowCardinality(String),
    account_id      String,
    user_id         String,
    definition_hash String COMMENT 'fingerprint of the milestone or lead',
    occurrence      UInt64,
    told            LowCardinality(String),
    id              String,
    qualification   String COMMENT 'id of what was told',
    occurred_at     DateTime64(3, 'UTC'),
    detected_at     DateTime64(3, 'UTC'),
    value           Float64,
    shadow_value    Float64,
    contributions   Array(Tuple(component String, points Float64, signal Float64)) COMMENT 'of shadow_value',
    version         UInt128 MATERIALIZED bitShiftLeft(toUInt128(10413791999999 - toUnixTimestamp64Milli(occurred_at)), 64) + toUInt64(10413791999999 - toUnixTimestamp64Milli(detected_at))
                    COMMENT 'milliseconds from occurred_at to the end of 2299, then from detected_at'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (score, shadow, shadow_hash, milestone, account_id, user_id, definition_hash, occurrence, told)
