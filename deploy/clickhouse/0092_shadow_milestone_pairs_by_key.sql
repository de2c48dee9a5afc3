-- A row for each milestone in the shadow and entity that reached (entered) it, or the live one that it
-- is compared with, or both: when first; NULL for never. Of several definitions of the shadow the one
-- counts that told something last, and what it is compared with is what it said last.
CREATE OR REPLACE VIEW shadow_milestone_pairs AS
WITH
    shadows AS
    (
        SELECT
            name AS shadow,
            argMax((definition_hash, shadow_of), (newest, definition_hash, shadow_of)) AS last,
            last.1 AS hash,
            last.2 AS live
        FROM
        (
            SELECT name, definition_hash, shadow_of, max(detected_at) AS newest
            FROM shadow_rows
            WHERE startsWith(type, 'milestone.')
            GROUP BY name, definition_hash, shadow_of
        )
        GROUP BY name
        HAVING live != ''
    ),
    reached AS
    (
        SELECT name AS shadow, account_id, user_id, occurred_at AS at, true AS hidden
        FROM shadow_rows
        WHERE (name, definition_hash) IN (SELECT shadow, hash FROM shadows)
          AND type != 'milestone.exited'
          AND startsWith(type, 'milestone.')
        UNION ALL
        SELECT shadow, account_id, user_id, told.occurred_at AS at, false AS hidden
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
    shadows.live AS live,
    account_id,
    user_id,
    shadow_at,
    live_at
FROM
(
    SELECT
        shadow,
        account_id,
        user_id,
        minOrNullIf(at, hidden) AS shadow_at,
        minOrNullIf(at, NOT hidden) AS live_at
    FROM reached
    GROUP BY shadow, account_id, user_id
) AS pairs
INNER JOIN shadows USING (shadow)
