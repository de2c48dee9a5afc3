-- Each score in the shadow beside the live one, by UTC day: how often both were recorded, their means,
-- how much higher the shadow is in the mean, and the correlation (NULL where one of them never
-- changes). Of several definitions of the shadow the one counts that told something last.
CREATE VIEW IF NOT EXISTS shadow_scores AS
SELECT
    toDate32(rows.occurred_at) AS day,
    score,
    shadow,
    count() AS pairs,
    avg(value) AS mean_live,
    avg(shadow_value) AS mean_shadow,
    avg(shadow_value - value) AS mean_difference,
    if(isFinite(corrStable(value, shadow_value)), corrStable(value, shadow_value), NULL) AS correlation
FROM comparison_rows AS rows FINAL
WHERE (shadow, shadow_hash) IN
(
    SELECT shadow, argMax(shadow_hash, (detected_at, shadow_hash))
    FROM comparison_rows
    GROUP BY shadow
)
GROUP BY day, score, shadow
