-- Funnels look at few names: here those of one name lie together. (Only what reads event_rows without FINAL
-- has anything of it.)
ALTER TABLE event_rows
    ADD PROJECTION IF NOT EXISTS by_name (SELECT event, account_id, user_id, at ORDER BY event, account_id, user_id, at)
