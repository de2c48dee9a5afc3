-- Leads of definitions that are no longer in use stay open for ever: nothing is told of them any more.
SELECT
    lead,
    account_id AS account,
    user_id AS user,
    score,
    segment,
    team,
    owner,
    qualified_at,
    due,
    isNotNull(contacted_at) AS contacted,
    dateDiff('second', now(), due) AS due_in
FROM leads
WHERE isNull(closed_at)
  AND (lead, definition_hash) IN
  (
      SELECT lead, argMax(definition_hash, (detected_at, definition_hash)) FROM lead_rows GROUP BY lead
  )
ORDER BY due ASC NULLS LAST
LIMIT 500
