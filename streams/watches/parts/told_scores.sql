-- Every score that a milestone or a lead was told with, and when.
SELECT milestone, definition_hash, detected_at, occurred_at AS at, assumeNotNull(score) AS points
FROM milestones
WHERE isNotNull(score)
UNION ALL
SELECT lead AS milestone, definition_hash, detected_at, occurred_at AS at, assumeNotNull(score) AS points
FROM lead_rows FINAL
WHERE isNotNull(score) AND type = 'lead.qualified'
