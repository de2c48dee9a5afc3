-- Each milestone in the shadow beside the live one that it is compared with: how many accounts or
-- users reached both, only the live one, only the shadow; and by how many seconds the shadow came
-- first, in the median of those that reached both (negative: it came later).
--
-- `since` is when the shadow told something first. Whoever had reached the live one before is left
-- out: the shadow may not have been there to see it.
CREATE OR REPLACE VIEW shadow_milestones AS
WITH
    (
        SELECT mapFromArrays(groupArray(toString(shadow)), groupArray(since))
        FROM shadow_definitions
        WHERE kind = 'milestone'
    ) AS begun
SELECT
    shadow,
    live,
    begun[shadow] AS since,
    countIf(isNotNull(shadow_at) AND isNotNull(live_at)) AS both,
    countIf(isNull(shadow_at)) AS only_live,
    countIf(isNull(live_at)) AS only_shadow,
    quantileExactOrNull(0.5)((toUnixTimestamp64Milli(live_at) - toUnixTimestamp64Milli(shadow_at)) / 1000) AS median_lead_seconds
FROM shadow_milestone_pairs
WHERE isNotNull(since) AND (isNull(live_at) OR live_at >= since)
GROUP BY shadow, live, since
