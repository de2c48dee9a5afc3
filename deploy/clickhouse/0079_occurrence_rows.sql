-- Occurrences of milestones, and entries into live ones: of all definitions together the earliest.
-- Readers use the view `milestones`.
--
-- Made from milestone_rows and transition_rows by the views `occurrence_from_…`, which copy and do not
-- count. Of rows with the same key the one with the earliest occurred_at stays, of one moment that of
-- the first definition_hash, and then the one with the earliest detected_at.
-- The milestone comes first in the key, as journeys and KPIs name theirs; reading the others FINAL
-- costs little, since of most occurrences there is one row.
-- No partitions: see milestone_rows.
CREATE TABLE IF NOT EXISTS occurrence_rows
(
    milestone       LowCardinality(String),
    account_id      String,
    user_id         String,
    occurrence      UInt64,
    definition_hash LowCardinality(String),
    id              String,
    type            LowCardinality(String),
    occurred_at     DateTime64(3, 'UTC'),
    detected_at     DateTime64(3, 'UTC'),
    decided_by      String CODEC(ZSTD),
    late            Bool,
    evidence        String CODEC(ZSTD(3)) COMMENT 'JSON',
    score           Nullable(Float64),
    contributions   Array(Tuple(component String, points Float64, signal Float64)),
    segment         LowCardinality(String),
    model           LowCardinality(String),
    model_version   LowCardinality(String),
    fell_back_to    LowCardinality(String),
    version         UInt128 MATERIALIZED bitShiftLeft(toUInt128(10413791999999 - toUnixTimestamp64Milli(occurred_at)), 84) + bitShiftLeft(toUInt128(1099511627775 - reinterpretAsUInt64(reverse(toFixedString(substring(definition_hash, 1, 5), 5)))), 44) + toUInt64(10413791999999 - toUnixTimestamp64Milli(detected_at))
                    COMMENT 'milliseconds from occurred_at to the end of 2299, five bytes of the hash from the highest down, then likewise from detected_at'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (milestone, account_id, user_id, occurrence)
