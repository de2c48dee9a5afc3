-- From when to when an entity's health was at a level, a row for each time and definition; ended_at
-- is NULL while it is. Before its first row an entity was green.
CREATE VIEW IF NOT EXISTS health_spans AS
SELECT
    health, account_id, user_id, definition_hash, occurrence, level, before,
    occurred_at AS began_at,
    leadInFrame(toNullable(occurred_at)) OVER (
        PARTITION BY health, account_id, user_id, definition_hash
        ORDER BY occurrence
        ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
    ) AS ended_at,
    milestone, segment, evidence
FROM health_rows FINAL
