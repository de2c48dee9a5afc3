-- One row for each lead of an entity, each time that it was one, and definition: why it qualified, by
-- which model or score that stood in, as it was then, and all that is known by now of what became of it, with the newest
-- override.
--
-- Being contacted and being snoozed are not told by themselves: they are known of a lead that is open
-- when it breaches its SLA, is rerouted or is closed. It is due later and never sooner than was told
-- before, and of contacts the earliest counts. Whose it is says the newest reroute, where there is one.
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
    tupleElement(route, 1) AS rule,
    tupleElement(given, 1) AS team,
    tupleElement(given, 2) AS owner,
    tupleElement(route, 2) AS earliest,
    tupleElement(route, 3) AS due,
    tupleElement(life, 1) AS contacted_at,
    tupleElement(life, 2) AS breached_at,
    tupleElement(life, 3) AS closed_at,
    tupleElement(life, 4) AS outcome,
    tupleElement(life, 5) AS reason,
    tupleElement(life, 6) AS merged,
    tupleElement(began, 8) AS model,
    tupleElement(began, 9) AS model_version,
    if(tupleElement(began, 7) != '', tupleElement(began, 7), if(user_id = '', 'pqa', 'pql')) AS kind,
    tupleElement(override, 1) AS action,
    tupleElement(override, 2) AS approver,
    tupleElement(override, 3) AS override_reason,
    tupleElement(override, 4) AS overridden_at,
    tupleElement(life, 7) AS breached_team,
    tupleElement(began, 10) AS fell_back_to
FROM
(
    SELECT
        lead, account_id, user_id, definition_hash, occurrence,
        anyIf(
            (
                occurred_at, score, contributions, segment, contacts, evidence, kind, model,
                model_version, fell_back_to
            ),
            type = 'lead.qualified'
        ) AS began,
        argMax((team, owner), (rerouted_by != '', occurred_at, detected_at, rerouted_by)) AS given,
        (any(rule), any(earliest), max(due)) AS route,
        argMax(
            (action, approver, override_reason, overridden_at),
            (action != '', ifNull(overridden_at, occurred_at), detected_at, rerouted_by)
        ) AS override,
        (
            min(contacted_at), max(breached_at), maxIf(toNullable(occurred_at), type = 'lead.closed'),
            anyIf(outcome, type = 'lead.closed'), anyIf(reason, type = 'lead.closed'), max(merged),
            anyIf(team, type = 'lead.sla_breached')
        ) AS life
    FROM lead_rows FINAL
    GROUP BY lead, account_id, user_id, definition_hash, occurrence
    HAVING countIf(type = 'lead.qualified') > 0
)
