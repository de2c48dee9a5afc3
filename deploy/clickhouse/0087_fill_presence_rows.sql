-- From what is known of before; in the order of the key, so that the parts hardly overlap. Run twice it
-- changes nothing.
INSERT INTO presence_rows (account_id, user_id, first_at, last_at, signed_up_at, came_by, days)
SELECT
    account_id,
    user_id,
    min(known.first_at),
    max(known.last_at),
    min(known.signed_up_at),
    min(known.came_by),
    groupBitmapStateIf(assumeNotNull(day), isNotNull(day))
FROM
(
    SELECT
        account_id,
        user_id,
        first_at,
        last_at,
        CAST(NULL, 'Nullable(DateTime64(3, \'UTC\'))') AS signed_up_at,
        (toDateTime64('2299-12-31 23:59:59.999', 3, 'UTC'), toInt64(0), '') AS came_by,
        CAST(NULL, 'Nullable(UInt32)') AS day
    FROM seen_rows
    UNION ALL
    SELECT
        account_id,
        user_id,
        at,
        at,
        toNullable(at),
        (
            if(channel = '', toDateTime64('2299-12-31 23:59:59.999', 3, 'UTC'), at),
            -toUnixTimestamp64Milli(now64(3)),
            toString(channel)
        ),
        NULL
    FROM fact_rows FINAL
    WHERE role = 'signed_up'
    UNION ALL
    SELECT
        account_id,
        user_id,
        toDateTime64('2299-12-31 23:59:59.999', 3, 'UTC'),
        toDateTime64('1900-01-01 00:00:00.000', 3, 'UTC'),
        NULL,
        (toDateTime64('2299-12-31 23:59:59.999', 3, 'UTC'), toInt64(0), ''),
        toNullable(toUInt32(toInt32(active_rows.day) + 25567))
    FROM active_rows
) AS known
GROUP BY account_id, user_id
ORDER BY account_id, user_id
