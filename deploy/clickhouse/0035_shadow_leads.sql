-- Each lead in the shadow beside the live one that it is compared with: how many accounts or users
-- became both, only the live one, only the shadow, and how many of each were converted; otherwise
-- like shadow_milestones.
CREATE VIEW IF NOT EXISTS shadow_leads AS
SELECT
    shadow,
    live,
    since,
    countIf(isNotNull(shadow_at) AND isNotNull(live_at)) AS both,
    countIf(isNull(shadow_at)) AS only_live,
    countIf(isNull(live_at)) AS only_shadow,
    countIf(is_converted AND isNotNull(shadow_at) AND isNotNull(live_at)) AS both_converted,
    countIf(is_converted AND isNull(shadow_at)) AS only_live_converted,
    countIf(is_converted AND isNull(live_at)) AS only_shadow_converted,
    quantileExactOrNull(0.5)((toUnixTimestamp64Milli(live_at) - toUnixTimestamp64Milli(shadow_at)) / 1000) AS median_lead_seconds
FROM
(
    SELECT *, min(shadow_at) OVER (PARTITION BY shadow) AS since
    FROM shadow_lead_pairs
)
WHERE isNull(live_at) OR live_at >= since
GROUP BY shadow, live, since
