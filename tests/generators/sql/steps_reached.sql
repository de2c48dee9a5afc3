-- How many came to each of the chosen steps, one after the other, as `milepost funnel` counts it.
SELECT
    [${steps:sqlstring}][position] AS step,
    in_order AS came,
    100 * in_order / nullIf(max(in_order) OVER (), 0) AS of_all,
    median_wait / 86400000 AS median_days_since_the_step_before
FROM
(
:JOURNEY:)
ORDER BY position
