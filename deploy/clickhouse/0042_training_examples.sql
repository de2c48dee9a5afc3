-- What training needs: one row for each lead, with what was seen when it was decided that it is one
-- (component or feature and its signal), and what became of it. An empty outcome: it is open.
--
-- Of a model every feature is there; of a score that stands in the definitions, those components that
-- had a signal: the others are 0. Where another score stood in (`fell_back_to`), all are of that one.
CREATE VIEW IF NOT EXISTS training_examples AS
SELECT
    lead,
    account_id,
    user_id,
    occurrence,
    definition_hash,
    model,
    model_version,
    qualified_at AS decided_at,
    score,
    mapFromArrays(
        arrayMap(part -> tupleElement(part, 'component'), contributions),
        arrayMap(part -> tupleElement(part, 'signal'), contributions)
    ) AS features,
    outcome,
    closed_at AS labelled_at,
    fell_back_to
FROM leads
