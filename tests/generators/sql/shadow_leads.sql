SELECT
    shadow,
    live,
    since,
    both,
    only_live,
    only_shadow,
    100 * both_converted / nullIf(both, 0) AS both_converted,
    100 * only_live_converted / nullIf(only_live, 0) AS only_live_converted,
    100 * only_shadow_converted / nullIf(only_shadow, 0) AS only_shadow_converted,
    median_lead_seconds AS shadow_came_sooner_by
FROM shadow_leads
ORDER BY shadow
