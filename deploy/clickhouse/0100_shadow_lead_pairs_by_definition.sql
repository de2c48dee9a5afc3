-- A row for each lead in the shadow and entity that became it, or the live one that it is compared
-- with, or both: when first, NULL for never; and whether any of these leads was converted. A lead in
-- the shadow hears what comes back of the live one. See shadow_milestone_pairs.
CREATE OR REPLACE VIEW shadow_lead_pairs AS
WITH
    shadows AS
    (
        SELECT shadow, definition_hash, live
        FROM shadow_definitions
        WHERE kind = 'lead' AND live != ''
    ),
    told AS
    (
        SELECT
            shadow, live, account_id, user_id, true AS hidden,
            rows.opened_at AS at, rows.outcome AS outcome
        FROM shadow_rows AS rows
        INNER JOIN shadows ON rows.name = shadows.shadow AND rows.definition_hash = shadows.definition_hash
        WHERE startsWith(rows.type, 'lead.')
        UNION ALL
        SELECT
            shadow, live, account_id, user_id, false AS hidden,
            toNullable(leads.qualified_at) AS at, leads.outcome AS outcome
        FROM leads
        INNER JOIN shadows ON leads.lead = shadows.live
    )
SELECT
    shadow,
    live,
    account_id,
    user_id,
    minOrNullIf(at, hidden) AS shadow_at,
    minOrNullIf(at, NOT hidden) AS live_at,
    countIf(outcome = 'converted') > 0 AS is_converted
FROM told
GROUP BY shadow, live, account_id, user_id
