-- NULL where the week is not over for all of the cohort.
WITH
    newcomers AS
    (
        SELECT
            assumeNotNull(signup_week) AS week,
            toInt32(toDate32(assumeNotNull(signed_up_at))) AS joined_on,
            arrayMap(day -> intDiv(toInt32(day) - joined_on, 7), days) AS came
        FROM presence
        WHERE signed_up_at >= toMonday($__fromTime) AND signed_up_at <= $__toTime
    )
SELECT
    toDateTime(week) AS signed_up_in_week_of,
    count() AS newcomers,
    if(today() >= week + 20, 100 * countIf(has(came, 1)) / newcomers, NULL) AS week_1,
    if(today() >= week + 27, 100 * countIf(has(came, 2)) / newcomers, NULL) AS week_2,
    if(today() >= week + 34, 100 * countIf(has(came, 3)) / newcomers, NULL) AS week_3,
    if(today() >= week + 41, 100 * countIf(has(came, 4)) / newcomers, NULL) AS week_4,
    if(today() >= week + 69, 100 * countIf(has(came, 8)) / newcomers, NULL) AS week_8,
    if(today() >= week + 97, 100 * countIf(has(came, 12)) / newcomers, NULL) AS week_12
FROM newcomers
GROUP BY week
ORDER BY week DESC
