-- help: Share of the accounts (users) that reached the goal of the lead in the last 90 days that had been such a lead before.
-- unit: ratio
-- labels: lead
-- sample: accounts or users that reached the goal
-- period: 90d
-- with: lead_terms
SELECT
    lead_terms.lead AS lead,
    avg(qualified.lead != '' AND qualified.at < reached.at) AS value,
    count() AS sample_size
FROM
(
    SELECT milestone AS goal, account_id, user_id, min(occurred_at) AS at
    FROM milestones
    WHERE milestone IN {goals:Array(String)} AND occurred_at > since AND occurred_at <= until
    GROUP BY goal, account_id, user_id
) AS reached
JOIN lead_terms ON lead_terms.goal = reached.goal
LEFT JOIN
(
    SELECT lead, account_id, user_id, min(qualified_at) AS at
    FROM leads
    GROUP BY lead, account_id, user_id
) AS qualified
ON qualified.lead = lead_terms.lead
    AND qualified.account_id = reached.account_id
    AND qualified.user_id = reached.user_id
GROUP BY lead
