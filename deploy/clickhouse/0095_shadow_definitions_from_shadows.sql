-- See shadow_definition_rows.
CREATE MATERIALIZED VIEW IF NOT EXISTS shadow_definitions_from_shadows TO shadow_definition_rows AS
SELECT
    splitByChar('.', type)[1] AS kind,
    name,
    definition_hash,
    shadow_of,
    max(detected_at) AS newest,
    minOrNullIf(occurred_at, type != 'milestone.exited') AS since
FROM shadow_rows
GROUP BY kind, name, definition_hash, shadow_of
