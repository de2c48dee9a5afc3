-- A row for each milestone in the shadow and entity that reached (entered) it, or the live one that it
-- is compared with, or both: when first; NULL for never. Of several definitions of the shadow the one
-- counts that told something last, and what it is compared with is what it said last.
CREATE OR REPLACE VIEW shadow_milestone_pairs AS
WITH
    shadows AS
    (
        SELECT
            name AS shadow,
            argMax((definition_hash, shadow_of), (detected_at, definition_hash, shadow_of)) AS last,
            last.1 AS hash,
            last.2 AS live
        FROM shadow_rows
        WHERE startsWith(type, 'milestone.')
        GROUP BY name
        HAVING live != ''
    ),
    reached AS
    (
        SELECT shadow, live, account_id, user_id, rows.occurred_at AS at, true AS hidden
        FROM shadow_rows AS rows
        INNER JOIN shadows ON rows.name = shadows.shadow AND rows.definition_hash = shadows.hash
        WHERE rows.type != 'milestone.exited' AND startsWith(rows.type, 'milestone.')
        UNION ALL
        SELECT shadow, live, account_id, user_id, told.occurred_at AS at, false AS hidden
        FROM
        (
            SELECT milestone, account_id, user_id, occurred_at
            FROM milestones
            WHERE milestone IN (SELECT live FROM shadows)
        ) AS told
        INNER JOIN shadows ON told.milestone = shadows.live
    )
SELECT
    shadow,
    live,
    account_id,
    user_id,
    minOrNullIf(at, hidden) AS shadow_at,
    minOrNullIf(at, NOT hidden) AS live_at
FROM reached
GROUP BY shadow, live, account_id, user_id
