-- The leads that it turned out of after `since` whether they were right, and whether each was.
--
-- Right is a lead that was told to be converted, or whose account or user reached the goal after it
-- qualified and by when it matured; wrong one that was disqualified, or that matured without. Of
-- definitions that are no longer in use nothing is told any more, so what they left open does not
-- count.
SELECT
    lead,
    coalesce(converted_at, disqualified_at, matured_at) AS judged_at,
    isNotNull(converted_at) AS converted,
    fell_back_to
FROM
(
    SELECT
        told.lead AS lead,
        told.fell_back_to AS fell_back_to,
        qualified_at + toIntervalMillisecond(matures) AS matures_at,
        if(outcome = 'converted' AND closed_at <= until, closed_at, NULL) AS confirmed_at,
        if(outcome = 'disqualified' AND closed_at <= until, closed_at, NULL) AS disqualified_at,
        arrayMin(arrayFilter(
            time -> time > qualified_at AND time <= least(matures_at, until), times
        )) AS goal_at,
        if(goal_at > qualified_at, goal_at, NULL) AS achieved_at,
        least(ifNull(confirmed_at, achieved_at), ifNull(achieved_at, confirmed_at)) AS converted_at,
        if(matures_at <= until AND (lead, definition_hash) IN
        (
            SELECT lead, argMax(definition_hash, (detected_at, definition_hash))
            FROM lead_rows
            GROUP BY lead
        ), matures_at, NULL) AS matured_at
    FROM leads AS told
    JOIN lead_terms ON lead_terms.lead = told.lead
    LEFT JOIN
    (
        SELECT milestone AS goal, account_id, user_id, groupArray(occurred_at) AS times
        FROM milestones
        WHERE milestone IN {goals:Array(String)}
        GROUP BY goal, account_id, user_id
    ) AS reached
    ON reached.goal = lead_terms.goal
        AND reached.account_id = told.account_id
        AND reached.user_id = told.user_id
    WHERE qualified_at <= until
)
WHERE judged_at > since
