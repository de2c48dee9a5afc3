-- How many leads were due on a UTC day, and how many of these were contacted in time, by lead, rule
-- and team. A lead counts once its time is over. A lead that was rerouted counts for the team that had
-- it last; where it was breached, for the one that had it then.
--
-- That a lead was contacted is told when it is closed, that it was not when it was due: so one whose
-- time is over and of which no breach was told is held. A breach is none after all where it turned
-- out later that the lead had been contacted by then. Of definitions that are no longer in use
-- nothing is told any more, so the leads that they left open do not count: of several definitions
-- the one counts that told something last.
CREATE OR REPLACE VIEW sla_daily AS
SELECT
    day,
    lead,
    rule,
    team,
    count() AS due,
    countIf(is_held) AS held,
    countIf(NOT is_held) AS breached,
    countIf(is_held) / count() AS adherence
FROM
(
    SELECT
        lead,
        rule,
        if(isNull(breached_at), leads.team, breached_team) AS team,
        toDate32(coalesce(breached_at, leads.due)) AS day,
        isNull(breached_at) OR ifNull(contacted_at <= breached_at, false) AS is_held
    FROM leads
    WHERE coalesce(breached_at, leads.due) < now64(3)
      AND
      (
          isNotNull(closed_at) OR isNotNull(breached_at)
          OR (lead, definition_hash) IN
          (
              SELECT lead, argMax(definition_hash, (detected_at, definition_hash))
              FROM lead_rows
              GROUP BY lead
          )
      )
)
GROUP BY day, lead, rule, team
