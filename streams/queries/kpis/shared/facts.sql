    SELECT
        account_id, user_id, at, event_id, toString(event) AS event,
        value, toString(plan) AS plan, toString(channel) AS channel,
        toString(experiment) AS experiment, toString(variant) AS variant,
        toString(feature) AS feature, self_serve, given, invitee
    FROM facts
    WHERE role IN {${role}_facts:Array(String)}
