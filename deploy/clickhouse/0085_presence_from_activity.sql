-- What sales tell of a lead is nothing that the user did: see active_from_activity.
CREATE MATERIALIZED VIEW IF NOT EXISTS presence_from_activity TO presence_rows AS
SELECT
    account_id,
    user_id,
    min(first_at) AS first_at,
    max(last_at) AS last_at,
    groupBitmapStateIf(
        toUInt32(toInt32(day) + 25567),
        user_id != '' AND event NOT IN ('lead_contacted', 'lead_converted', 'lead_disqualified', 'lead_snoozed')
    ) AS days
FROM activity_rows
GROUP BY account_id, user_id
