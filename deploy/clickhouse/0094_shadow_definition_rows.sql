-- What has been in the shadow: a row for each definition and what it said it is compared with, so that
-- which of them counts is known without reading all that was told. Readers use the view
-- `shadow_definitions`.
--
-- Made from shadow_rows by the view `shadow_definitions_from_shadows`; it takes the greatest and the
-- least, which do not change when a row comes twice. It names nobody, and an erasure leaves it alone.
CREATE TABLE IF NOT EXISTS shadow_definition_rows
(
    kind            LowCardinality(String) COMMENT 'milestone or lead',
    name            LowCardinality(String),
    definition_hash String,
    shadow_of       LowCardinality(String),
    newest          SimpleAggregateFunction(max, DateTime64(3, 'UTC')) COMMENT 'of detected_at',
    since           SimpleAggregateFunction(min, Nullable(DateTime64(3, 'UTC'))) COMMENT 'of occurred_at'
)
ENGINE = AggregatingMergeTree
ORDER BY (kind, name, definition_hash, shadow_of)
