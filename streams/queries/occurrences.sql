-- What was ever published of an entity's milestones and journeys: a row for each definition that told
-- an occurrence, with evidence, score and segment as they were published. Of leads: told_leads.sql.
SELECT
    milestone,
    type,
    journey,
    occurrence,
    toUnixTimestamp64Milli(occurred_at) AS occurred_at,
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
    fell_back_to
FROM
(
    SELECT
        milestone, account_id, user_id, type, '' AS journey, occurrence,
        occurred_at, detected_at, definition_hash, id, decided_by, late, evidence,
        score, contributions, segment, model, model_version, fell_back_to
    FROM milestone_rows FINAL
    UNION ALL
    SELECT
        milestone, account_id, user_id, type, '' AS journey, occurrence,
        occurred_at, detected_at, definition_hash, id, decided_by, late, evidence,
        score, contributions, segment, model, model_version, fell_back_to
    FROM transition_rows FINAL
    UNION ALL
    SELECT
        milestone, account_id, user_id, 'journey.stuck' AS type, journey, occurrence,
        occurred_at, detected_at, definition_hash, id, decided_by, late, evidence,
        NULL AS score, [] AS contributions, segment, '' AS model, '' AS model_version,
        '' AS fell_back_to
    FROM stuck_rows FINAL
) AS told
WHERE account_id = {account_id:String}
  AND user_id = {user_id:String}
  AND ({milestone:String} = '' OR milestone = {milestone:String})
  AND told.occurred_at <= fromUnixTimestamp64Milli({until:Int64}, 'UTC')
