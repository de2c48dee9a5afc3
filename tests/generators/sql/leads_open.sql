SELECT
    count() AS open,
    countIf(isNull(contacted_at) AND due < now64(3)) AS overdue,
    countIf(isNull(contacted_at) AND due >= now64(3) AND due < now64(3) + INTERVAL 4 HOUR) AS due_in_four_hours
FROM leads
WHERE isNull(closed_at)
  AND (lead, definition_hash) IN
  (
      SELECT lead, argMax(definition_hash, (detected_at, definition_hash)) FROM lead_rows GROUP BY lead
  )
