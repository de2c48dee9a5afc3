    SELECT
        account_id, user_id, qualified_at AS at, '' AS event_id, toString(lead) AS event,
        NULL AS value, '' AS plan, '' AS channel, '' AS experiment, '' AS variant,
        '' AS feature, NULL AS self_serve, NULL AS given, '' AS invitee
    FROM leads
    WHERE lead IN {${role}_leads:Array(String)}
