-- help: Lowest rate of accounts (users) seen in the last 90 days that became the lead in them, of all groups by the trait that its parity names, divided by the highest; groups of fewer than 30 do not count.
-- unit: ratio
-- labels: lead
-- sample: accounts or users in the groups
-- period: 90d
-- with: lead_terms, seen
SELECT lead, min(rate) / max(rate) AS value, sum(known) AS sample_size
FROM
(
    SELECT
        lead_terms.lead AS lead,
        traits.value AS worth,
        count() AS known,
        countIf((lead_terms.lead, account_id, user_id) IN
        (
            SELECT lead, account_id, user_id
            FROM leads
            WHERE qualified_at > since AND qualified_at <= until
        )) / known AS rate
    FROM traits
    JOIN lead_terms
    ON lead_terms.parity = traits.name AND lead_terms.kind = if(traits.user_id = '', 'account', 'user')
    WHERE traits.name IN {parities:Array(String)}
      AND traits.value != 'null'
      AND (account_id, user_id) IN (SELECT account_id, user_id FROM seen)
    GROUP BY lead, worth
    HAVING known >= 30
)
GROUP BY lead
HAVING count() > 1 AND max(rate) > 0
