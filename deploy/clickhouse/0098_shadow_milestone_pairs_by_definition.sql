-- A row for each milestone in the shadow and entity that reached (entered) it, or the live one that it
-- is compared with, or both: when first; NULL for never. Which definition of the shadow counts says
-- shadow_definitions.
--
-- Looked up in maps, and the least found without NULL, it takes half the time that joins and minOrNull take.
CREATE OR REPLACE VIEW shadow_milestone_pairs AS
WITH
    shadows AS
    (
        SELECT toString(shadow) AS shadow, definition_hash, toString(live) AS live
        FROM shadow_definitions
        WHERE kind = 'milestone' AND live != ''
    ),
    (
        SELECT mapFromArrays(groupArray(shadow), groupArray(live))
        FROM shadows
    ) AS compared_with,
    (
        SELECT mapFromArrays(groupArray(live), groupArray(those))
        FROM (SELECT live, groupArray(shadow) AS those FROM shadows GROUP BY live)
    ) AS compared,
    toDateTime64('2299-12-31 23:59:59.999', 3, 'UTC') AS never
SELECT
    shadow,
    compared_with[shadow] AS live,
    account_id,
    user_id,
    nullIf(min(if(hidden, at, never)), never) AS shadow_at,
    nullIf(min(if(hidden, never, at)), never) AS live_at
FROM
(
    SELECT toString(name) AS shadow, account_id, user_id, occurred_at AS at, true AS hidden
    FROM shadow_rows
    WHERE (name, definition_hash) IN (SELECT shadow, definition_hash FROM shadows)
      AND startsWith(type, 'milestone.')
      AND type != 'milestone.exited'
    UNION ALL
    SELECT arrayJoin(compared[toString(milestone)]) AS shadow, account_id, user_id, occurred_at AS at, false AS hidden
    FROM milestones
    WHERE milestone IN (SELECT live FROM shadows)
)
GROUP BY shadow, account_id, user_id
