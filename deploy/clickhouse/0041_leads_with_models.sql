-- One row for each lead of an entity, each time that it was one, and definition: why it qualified, by
-- which model or score that stood in, as it was then, and what had become of it when it was told of
-- last.
--
-- Being contacted and being snoozed are not told by themselves: the row of a lead that is open knows
-- of them when it breaches its SLA or is closed.
CREATE OR REPLACE VIEW leads AS
SELECT
    lead,
    account_id,
    user_id,
    definition_hash,
    occurrence,
    tupleElement(began, 1) AS qualified_at,
    tupleElement(began, 2) AS score,
    tupleElement(began, 3) AS contributions,
    tupleElement(began, 4) AS segment,
    tupleElement(began, 5) AS contacts,
    tupleElement(began, 6) AS evidence,
    tupleElement(newest, 1) AS rule,
    tupleElement(newest, 2) AS team,
    tupleElement(newest, 3) AS owner,
    tupleElement(newest, 4) AS earliest,
    tupleElement(newest, 5) AS due,
    tupleElement(newest, 6) AS contacted_at,
    tupleElement(newest, 7) AS breached_at,
    tupleElement(newest, 8) AS closed_at,
    tupleElement(newest, 9) AS outcome,
    tupleElement(newest, 10) AS reason,
    tupleElement(newest, 11) AS merged,
    tupleElement(began, 7) AS model,
    tupleElement(began, 8) AS model_version,
    tupleElement(began, 9) AS fell_back_to
FROM
(
    SELECT
        lead, account_id, user_id, definition_hash, occurrence,
        anyIf(
            (
                occurred_at, score, contributions, segment, contacts, evidence, model, model_version,
                fell_back_to
            ),
            type = 'lead.qualified'
        ) AS began,
        argMax(
            (
                rule, team, owner, earliest, due, contacted_at, breached_at,
                if(type = 'lead.closed', occurred_at, NULL), outcome, reason, merged
            ),
            indexOf(['lead.qualified', 'lead.routed', 'lead.sla_breached', 'lead.closed'], type)
        ) AS newest
    FROM lead_rows FINAL
    GROUP BY lead, account_id, user_id, definition_hash, occurrence
    HAVING countIf(type = 'lead.qualified') > 0
)
