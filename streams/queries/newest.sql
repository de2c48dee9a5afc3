SELECT
    milestone,
    account_id,
    user_id,
    occurrence,
    toUnixTimestamp64Milli(occurred_at) AS occurred_at,
    toUnixTimestamp64Milli(detected_at) AS detected_at,
    evidence
FROM milestones
WHERE empty({milestones:Array(String)}) OR milestone IN {milestones:Array(String)}
ORDER BY milestones.detected_at DESC, milestones.occurred_at DESC, milestone, account_id, user_id, occurrence
LIMIT {limit:UInt32}
