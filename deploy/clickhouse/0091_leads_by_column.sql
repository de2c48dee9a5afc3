-- One row for each lead of an entity, each time that it was one, and definition: why it qualified, by
-- which model or score that stood in, as it was then, and all that is known by now of what became of it,
-- with the newest override. Only columns that are asked for are read.
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
    anyIf(rows.occurred_at, rows.type = 'lead.qualified') AS qualified_at,
    anyIf(rows.score, rows.type = 'lead.qualified') AS score,
    anyIf(rows.contributions, rows.type = 'lead.qualified') AS contributions,
    anyIf(rows.segment, rows.type = 'lead.qualified') AS segment,
    anyIf(rows.contacts, rows.type = 'lead.qualified') AS contacts,
    anyIf(rows.evidence, rows.type = 'lead.qualified') AS evidence,
    any(rows.rule) AS rule,
    argMax(rows.team, (rows.rerouted_by != '', rows.occurred_at, rows.detected_at, rows.rerouted_by)) AS team,
    argMax(rows.owner, (rows.rerouted_by != '', rows.occurred_at, rows.detected_at, rows.rerouted_by)) AS owner,
    any(rows.earliest) AS earliest,
    max(rows.due) AS due,
    min(rows.contacted_at) AS contacted_at,
    max(rows.breached_at) AS breached_at,
    maxIf(toNullable(rows.occurred_at), rows.type = 'lead.closed') AS closed_at,
    anyIf(rows.outcome, rows.type = 'lead.closed') AS outcome,
    anyIf(rows.reason, rows.type = 'lead.closed') AS reason,
    max(rows.merged) AS merged,
    anyIf(rows.model, rows.type = 'lead.qualified') AS model,
    anyIf(rows.model_version, rows.type = 'lead.qualified') AS model_version,
    if(
        anyIf(rows.kind, rows.type = 'lead.qualified') != '',
        anyIf(rows.kind, rows.type = 'lead.qualified'),
        if(user_id = '', 'pqa', 'pql')
    ) AS kind,
    argMax(rows.action, (rows.action != '', ifNull(rows.overridden_at, rows.occurred_at), rows.detected_at, rows.rerouted_by)) AS action,
    argMax(rows.approver, (rows.action != '', ifNull(rows.overridden_at, rows.occurred_at), rows.detected_at, rows.rerouted_by)) AS approver,
    argMax(rows.override_reason, (rows.action != '', ifNull(rows.overridden_at, rows.occurred_at), rows.detected_at, rows.rerouted_by)) AS override_reason,
    -- In a tuple, as NULL by itself is passed over.
    tupleElement(
        argMax(tuple(rows.overridden_at), (rows.action != '', ifNull(rows.overridden_at, rows.occurred_at), rows.detected_at, rows.rerouted_by)),
        1
    ) AS overridden_at,
    anyIf(rows.team, rows.type = 'lead.sla_breached') AS breached_team,
    anyIf(rows.fell_back_to, rows.type = 'lead.qualified') AS fell_back_to
FROM lead_rows AS rows FINAL
GROUP BY lead, account_id, user_id, definition_hash, occurrence
HAVING countIf(rows.type = 'lead.qualified') > 0
