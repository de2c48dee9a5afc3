-- What was ever published of an entity's leads, as it was published.
SELECT
    lead AS milestone,
    type,
    '' AS journey,
    occurrence,
    toUnixTimestamp64Milli(lead_rows.occurred_at) AS occurred_at,
    toUnixTimestamp64Milli(detected_at) AS detected_at,
    definition_hash,
    id,
    decided_by,
    late,
    evidence,
    score,
    contributions,
    segment,
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
    toUnixTimestamp64Milli(overridden_at) AS overridden_at,
    model,
    model_version,
    fell_back_to
FROM lead_rows FINAL
WHERE account_id = {account_id:String}
  AND user_id = {user_id:String}
  AND ({milestone:String} = '' OR lead = {milestone:String})
  AND lead_rows.occurred_at <= fromUnixTimestamp64Milli({until:Int64}, 'UTC')
