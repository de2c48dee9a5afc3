-- Events that have a role, each once for each of its roles.
CREATE VIEW IF NOT EXISTS facts AS
SELECT
    role, at, account_id, user_id, event_id, event,
    value, plan, channel, experiment, variant, feature, self_serve, given, invitee
FROM fact_rows FINAL
