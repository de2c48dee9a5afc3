-- From what is there of before. Run twice it changes nothing.
INSERT INTO shadow_definition_rows (kind, name, definition_hash, shadow_of, newest, since)
SELECT
    splitByChar('.', type)[1] AS kind,
    name,
    definition_hash,
    shadow_of,
    max(detected_at),
    minOrNullIf(occurred_at, type != 'milestone.exited')
FROM shadow_rows
GROUP BY kind, name, definition_hash, shadow_of
