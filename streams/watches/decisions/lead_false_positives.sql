-- help: Share of the leads judged in the last 90 days that did not convert.
-- unit: ratio
-- labels: lead
-- sample: leads judged
-- period: 90d
-- with: lead_terms, judged_leads
SELECT lead, avg(NOT converted) AS value, count() AS sample_size
FROM judged_leads
GROUP BY lead
