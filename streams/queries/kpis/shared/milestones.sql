    SELECT
        account_id, user_id, occurred_at AS at, id AS event_id, toString(milestone) AS event,
        NULL AS value, '' AS plan, '' AS channel, '' AS experiment, '' AS variant,
        '' AS feature, NULL AS self_serve, NULL AS given, '' AS invitee
    FROM milestones
    WHERE milestone IN {${role}_milestones:Array(String)}
