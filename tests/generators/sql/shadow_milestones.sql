SELECT
    shadow,
    live,
    since,
    both,
    only_live,
    only_shadow,
    median_lead_seconds AS shadow_came_sooner_by
FROM shadow_milestones
ORDER BY shadow
