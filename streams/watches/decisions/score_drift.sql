-- help: How far the scores that milestones and leads were told with have moved in the last 30 days from the 30 days before (population stability index; 0: not at all, above 0.2: much).
-- unit: number
-- labels: milestone
-- sample: scores of the month that has fewer
-- period: 60d
-- with: told_scores
--
-- PSI = sum of (a - e) * ln(a / e) over ten bins, cut at the deciles of the month before, where e is
-- the share of its scores in a bin and a that of the last month (N. Siddiqi, Credit Risk Scorecards,
-- 2006). An empty bin counts as one score in ten thousand, as its logarithm would be endless. Scores
-- of another definition are other scores: the newest definition of each counts alone.
SELECT
    milestone,
    arraySum((a, e) -> (a - e) * log(a / e), actual, expected) AS value,
    least(length(newer), length(older)) AS sample_size
FROM
(
    SELECT
        milestone,
        quantilesExactInclusiveIf(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)(points, NOT is_new) AS cuts,
        arrayMap(point -> arrayCount(cut -> cut < point, cuts), groupArrayIf(points, is_new)) AS newer,
        arrayMap(point -> arrayCount(cut -> cut < point, cuts), groupArrayIf(points, NOT is_new)) AS older,
        arrayMap(bin -> greatest(countEqual(newer, bin) / length(newer), 0.0001), range(10)) AS actual,
        arrayMap(bin -> greatest(countEqual(older, bin) / length(older), 0.0001), range(10)) AS expected
    FROM
    (
        SELECT milestone, definition_hash, points, at > until - INTERVAL 30 DAY AS is_new
        FROM told_scores
        WHERE at > since AND at <= until
    )
    WHERE (milestone, definition_hash) IN
    (
        SELECT milestone, argMax(definition_hash, (detected_at, definition_hash))
        FROM told_scores
        GROUP BY milestone
    )
    GROUP BY milestone
    HAVING notEmpty(newer) AND notEmpty(older)
)
