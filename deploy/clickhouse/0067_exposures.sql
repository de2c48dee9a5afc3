-- Which variant of an experiment somebody saw first, and when; `variants` is how many they have seen
-- (more than one: no answer to what made the difference).
CREATE VIEW IF NOT EXISTS exposures AS
SELECT
    experiment,
    account_id,
    user_id,
    min(at) AS at,
    argMin(fact_rows.variant, (fact_rows.at, fact_rows.variant)) AS variant,
    uniqExact(fact_rows.variant) AS variants
FROM fact_rows
WHERE role = 'exposure'
GROUP BY experiment, account_id, user_id
