-- NULL where the week is not over for all of the cohort.
WITH
    cohort AS
    (
        SELECT account_id, user_id, signed_up_at, assumeNotNull(signup_week) AS week
        FROM people
        WHERE signed_up_at >= toMonday($__fromTime) AND signed_up_at <= $__toTime
    ),
    came AS
    (
        SELECT week, account_id, user_id, intDiv(dateDiff('day', toDate32(signed_up_at), day), 7) AS nth
        FROM cohort
        INNER JOIN active_days USING (account_id, user_id)
        WHERE day >= toDate32(signed_up_at)
    ),
    sizes AS
    (
        SELECT week, count() AS newcomers FROM cohort GROUP BY week
    )
SELECT
    toDateTime(sizes.week) AS signed_up_in_week_of,
    any(newcomers) AS newcomers,
    if(today() >= sizes.week + 20, 100 * uniqExactIf(came.account_id, came.user_id, nth = 1) / newcomers, NULL) AS week_1,
    if(today() >= sizes.week + 27, 100 * uniqExactIf(came.account_id, came.user_id, nth = 2) / newcomers, NULL) AS week_2,
    if(today() >= sizes.week + 34, 100 * uniqExactIf(came.account_id, came.user_id, nth = 3) / newcomers, NULL) AS week_3,
    if(today() >= sizes.week + 41, 100 * uniqExactIf(came.account_id, came.user_id, nth = 4) / newcomers, NULL) AS week_4,
    if(today() >= sizes.week + 69, 100 * uniqExactIf(came.account_id, came.user_id, nth = 8) / newcomers, NULL) AS week_8,
    if(today() >= sizes.week + 97, 100 * uniqExactIf(came.account_id, came.user_id, nth = 12) / newcomers, NULL) AS week_12
FROM sizes
LEFT JOIN came ON came.week = sizes.week
GROUP BY sizes.week
ORDER BY sizes.week DESC
