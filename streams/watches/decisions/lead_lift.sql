-- help: Precision of the lead, divided by the share of all accounts (users) seen in the last 90 days that reached its goal in them.
-- unit: number
-- labels: lead
-- sample: leads judged
-- period: 90d
-- with: lead_terms, judged_leads, seen
SELECT judged.lead AS lead, precision / (reached / known) AS value, judged AS sample_size
FROM
(
    SELECT lead, avg(converted) AS precision, count() AS judged
    FROM judged_leads
    GROUP BY lead
) AS judged
JOIN lead_terms ON lead_terms.lead = judged.lead
JOIN
(
    SELECT milestone AS goal, uniqExact(account_id, user_id) AS reached
    FROM milestones
    WHERE milestone IN {goals:Array(String)} AND occurred_at > since AND occurred_at <= until
      AND (account_id, user_id) IN (SELECT account_id, user_id FROM seen)
    GROUP BY goal
) AS goals ON goals.goal = lead_terms.goal
JOIN (SELECT kind, count() AS known FROM seen GROUP BY kind) AS kinds ON kinds.kind = lead_terms.kind
