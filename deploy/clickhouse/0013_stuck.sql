-- Who got stuck on a journey, at which step (`milestone`), when and why; a row for each
-- definition of the journey.
CREATE VIEW IF NOT EXISTS stuck AS
SELECT
    journey, milestone, account_id, user_id, occurrence, occurred_at, detected_at,
    definition_hash, id, decided_by, late, evidence
FROM stuck_rows FINAL
