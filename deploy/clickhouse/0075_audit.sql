-- One row for each decision, whether a person made it, and how fair the lead was by then.
--
-- An override decides where it is of the very moment at which the decision occurred. `parity` is the
-- newest of the lead that `milepost watch` had found when it was decided (NULL: none), and
-- `bias_check` what that says: "pass" from 0.9 on, "fail" below, empty without one.
CREATE OR REPLACE VIEW audit AS
SELECT
    id, type, name, kind, account_id, user_id, is_pseudonymous, occurrence, occurred_at, detected_at,
    decided_by, late, definition_hash, model, model_version, score, features, evidence, segment, rule,
    team, outcome, reason, action, approver, override_reason, overridden_at,
    toBool(ifNull(overridden_at = occurred_at, false) AND type != 'lead.sla_breached') AS is_override,
    parities.parity AS parity,
    multiIf(isNull(parities.parity), '', parities.parity >= 0.9, 'pass', 'fail') AS bias_check
FROM audit_rows AS decisions FINAL
ASOF LEFT JOIN
(
    SELECT labels['lead'] AS lead, at, toNullable(value) AS parity
    FROM watch_rows FINAL
    WHERE watch = 'lead_parity'
) AS parities ON decisions.name = parities.lead AND decisions.detected_at >= parities.at
