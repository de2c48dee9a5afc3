-- One row for each decision, and whether a person made it: an override does where it is of the very
-- moment at which the decision occurred.
CREATE OR REPLACE VIEW audit AS
SELECT
    id, type, name, kind, account_id, user_id, is_pseudonymous, occurrence, occurred_at, detected_at,
    decided_by, late, definition_hash, model, model_version, score, features, evidence, segment, rule,
    team, outcome, reason, action, approver, override_reason, overridden_at,
    toBool(ifNull(overridden_at = occurred_at, false) AND type != 'lead.sla_breached') AS is_override
FROM audit_rows FINAL
