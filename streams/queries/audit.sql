-- Every decision about an entity that is kept, by the ids that the table has.
SELECT
    id, type, name, kind, occurrence,
    toUnixTimestamp64Milli(audit.occurred_at) AS occurred_at,
    toUnixTimestamp64Milli(detected_at) AS detected_at,
    decided_by, late, definition_hash, model, model_version, score, features, evidence, segment, rule,
    team, outcome, reason, action, approver, override_reason,
    toUnixTimestamp64Milli(overridden_at) AS overridden_at,
    is_override
FROM audit
WHERE account_id = {account_id:String}
  AND user_id = {user_id:String}
  AND is_pseudonymous = {is_pseudonymous:Bool}
  AND ({name:String} = '' OR name = {name:String})
  AND audit.occurred_at <= fromUnixTimestamp64Milli({until:Int64}, 'UTC')
ORDER BY audit.occurred_at, detected_at, name, id
