-- What was ever published of an entity's health, as it was published.
SELECT
    health AS milestone,
    'health.changed' AS type,
    '' AS journey,
    occurrence,
    toUnixTimestamp64Milli(health_rows.occurred_at) AS occurred_at,
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
    level,
    before,
    health_rows.milestone AS reached
FROM health_rows FINAL
WHERE account_id = {account_id:String}
  AND user_id = {user_id:String}
  AND ({milestone:String} = '' OR health = {milestone:String})
  AND health_rows.occurred_at <= fromUnixTimestamp64Milli({until:Int64}, 'UTC')
