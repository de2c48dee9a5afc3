-- Who signs up is seen. The least and the greatest do not count: see presence_rows.
CREATE MATERIALIZED VIEW IF NOT EXISTS presence_from_facts TO presence_rows AS
SELECT
    account_id,
    user_id,
    min(at) AS first_at,
    max(at) AS last_at,
    min(toNullable(at)) AS signed_up_at,
    min((
        if(channel = '', toDateTime64('2299-12-31 23:59:59.999', 3, 'UTC'), at),
        -toUnixTimestamp64Milli(now64(3)),
        toString(channel)
    )) AS came_by
FROM fact_rows
WHERE role = 'signed_up'
GROUP BY account_id, user_id
