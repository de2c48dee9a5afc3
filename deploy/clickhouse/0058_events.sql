-- Product events, each once; `properties` and `traits` are JSON text.
CREATE VIEW IF NOT EXISTS events AS
SELECT account_id, user_id, at, event_id, event, properties, traits
FROM event_rows FINAL
