-- What was ever told of an entity's milestones and leads in the shadow, as it would be published.
SELECT
    name AS milestone,
    type,
    '' AS journey,
    occurrence,
    toUnixTimestamp64Milli(shadow_rows.occurred_at) AS occurred_at,
    toUnixTimestamp64Milli(detected_at) AS detected_at,
    definition_hash,
    id,
    decided_by,
    late,
    evidence,
    score,
    contributions,
    segment,
    model,
    model_version,
    fell_back_to,
    toUnixTimestamp64Milli(opened_at) AS opened_at,
    contacts,
    rule,
    team,
    owner,
    toUnixTimestamp64Milli(earliest) AS earliest,
    toUnixTimestamp64Milli(due) AS due,
    toUnixTimestamp64Milli(contacted_at) AS contacted_at,
    toUnixTimestamp64Milli(breached_at) AS breached_at,
    merged,
    outcome,
    reason,
    if(kind != '', kind, if(user_id = '', 'pqa', 'pql')) AS kind,
    action,
    approver,
    override_reason,
    toUnixTimestamp64Milli(overridden_at) AS overridden_at
FROM shadow_rows FINAL
WHERE account_id = {account_id:String}
  AND user_id = {user_id:String}
  AND ({milestone:String} = '' OR name = {milestone:String})
  AND shadow_rows.occurred_at <= fromUnixTimestamp64Milli({until:Int64}, 'UTC')
