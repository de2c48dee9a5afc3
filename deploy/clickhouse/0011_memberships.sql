-- From when to when an entity was inside a live milestone, a row for each time and definition;
-- exited_at is NULL while it is inside.
CREATE VIEW IF NOT EXISTS memberships AS
SELECT
    milestone,
    account_id,
    user_id,
    definition_hash,
    occurrence,
    minIf(occurred_at, type = 'milestone.entered') AS entered_at,
    minOrNullIf(occurred_at, type = 'milestone.exited') AS exited_at
FROM transition_rows
GROUP BY milestone, account_id, user_id, definition_hash, occurrence
HAVING countIf(type = 'milestone.entered') > 0
