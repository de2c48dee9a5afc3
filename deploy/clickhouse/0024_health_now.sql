-- The level of each entity's health now, since when, and how far the entity had come by then. Who is
-- not here was never told of, and is green. Of several definitions of a health the one counts that
-- told something last.
CREATE VIEW IF NOT EXISTS health_now AS
SELECT
    health, account_id, user_id, definition_hash, occurrence, level,
    occurred_at AS since,
    milestone, segment
FROM health_rows FINAL
WHERE (health, definition_hash) IN
(
    SELECT health, argMax(definition_hash, (detected_at, definition_hash))
    FROM health_rows
    GROUP BY health
)
ORDER BY occurrence DESC
LIMIT 1 BY health, account_id, user_id
