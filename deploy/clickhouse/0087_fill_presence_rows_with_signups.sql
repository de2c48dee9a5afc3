-- From the facts of before. Run twice it changes nothing.
INSERT INTO presence_rows (account_id, user_id, first_at, last_at, signed_up_at, came_by)
SELECT
    account_id,
    user_id,
    min(at),
    max(at),
    min(toNullable(at)),
    min((
        if(channel = '', toDateTime64('2299-12-31 23:59:59.999', 3, 'UTC'), at),
        -toUnixTimestamp64Milli(now64(3)),
        toString(channel)
    ))
FROM fact_rows FINAL
WHERE role = 'signed_up'
GROUP BY account_id, user_id
