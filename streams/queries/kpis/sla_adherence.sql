/*
name: sla_adherence
title: SLA adherence
definition: >-
  Of the leads that were due in the period, the share that was contacted in time. A lead counts on
  the UTC day that it was due on, once that time is over.
formula: leads contacted in time / leads due × 100
unit: percent
better: higher
kind: lagging
grain: week
needs: {views: [sla_daily]}
filters: []
source: product-led growth; no benchmark is published
*/
SELECT
    dateTrunc({grain:String}, day) AS period,
    sum(held) AS numerator,
    sum(due) AS denominator,
    100 * numerator / denominator AS value
FROM sla_daily
WHERE day >= toDate32(from_at) AND day < toDate32(to_at)
GROUP BY period
