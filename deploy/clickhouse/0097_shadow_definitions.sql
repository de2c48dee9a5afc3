-- What is in the shadow, each with the live one that it is compared with (empty: none), and since when it
-- is there: when it told something first. Of several definitions that counts which told something last,
-- and what it is compared with is what it said last.
CREATE VIEW IF NOT EXISTS shadow_definitions AS
SELECT
    kind,
    name AS shadow,
    argMax(hash, (told, hash, shadow_of)) AS definition_hash,
    argMax(shadow_of, (told, hash, shadow_of)) AS live,
    tupleElement(argMax(tuple(begun), (told, hash, shadow_of)), 1) AS since
FROM
(
    SELECT
        kind,
        name,
        shadow_definition_rows.definition_hash AS hash,
        shadow_of,
        max(newest) AS told,
        min(min(shadow_definition_rows.since)) OVER (PARTITION BY kind, name, hash) AS begun
    FROM shadow_definition_rows
    GROUP BY kind, name, hash, shadow_of
)
GROUP BY kind, name
