-- Who got stuck on a journey, at which step (`milestone`), when, why and in which segment; a row
-- for each definition of the journey.
CREATE OR REPLACE VIEW stuck AS
SELECT
    journey, milestone, account_id, user_id, occurrence, occurred_at, detected_at,
    definition_hash, id, decided_by, late, evidence, segment
FROM stuck_rows FINAL
