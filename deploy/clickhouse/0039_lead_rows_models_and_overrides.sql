-- The model of the scores of leads, and what stood in for them: see milestone_rows. What kind of lead
-- it is, and what somebody decided about it, by the newest override: qualify, close or reroute, who answers for it, why, and
-- when. An empty action means "nobody decided otherwise"; all is empty in rows from before this.
--
-- A lead may be routed more than once, by overrides: `rerouted_by` is the id of the event that brought
-- one, empty in all other rows, and a part of the key, so that each of these routes is kept.
ALTER TABLE lead_rows
    ADD COLUMN IF NOT EXISTS model LowCardinality(String),
    ADD COLUMN IF NOT EXISTS model_version LowCardinality(String),
    ADD COLUMN IF NOT EXISTS kind LowCardinality(String),
    ADD COLUMN IF NOT EXISTS action LowCardinality(String),
    ADD COLUMN IF NOT EXISTS approver String,
    ADD COLUMN IF NOT EXISTS override_reason String,
    ADD COLUMN IF NOT EXISTS overridden_at Nullable(DateTime64(3, 'UTC')),
    ADD COLUMN IF NOT EXISTS rerouted_by String,
    ADD COLUMN IF NOT EXISTS fell_back_to LowCardinality(String),
    MODIFY ORDER BY (lead, account_id, user_id, definition_hash, occurrence, type, rerouted_by)
