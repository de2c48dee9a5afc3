-- help: Share of the leads whose condition names the score, judged in the last 90 days, that did not convert; those that it made itself, and not what stood in for it.
-- unit: ratio
-- labels: score
-- sample: leads judged
-- period: 90d
-- with: lead_terms, judged_leads
SELECT score, avg(NOT converted) AS value, count() AS sample_size
FROM judged_leads
JOIN
(
    SELECT named.1 AS score, named.2 AS lead
    FROM (SELECT arrayJoin(arrayZip({scores:Array(String)}, {scored_leads:Array(String)})) AS named)
) AS scored ON scored.lead = judged_leads.lead
WHERE fell_back_to = ''
GROUP BY score
