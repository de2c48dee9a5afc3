-- What accounts (or users) usually did on the days from `first_day` to before `end_day`, over those
-- that did it at all; no row where nobody did.
SELECT
    multiIf(
        {statistic:String} = 'mean', avg(measure),
        {statistic:String} = 'median', quantileExactInclusive(0.5)(measure),
        {statistic:String} = 'p75', quantileExactInclusive(0.75)(measure),
        quantileExactInclusive(0.9)(measure)
    ) AS value,
    count() AS sample_size
FROM
(
    SELECT
        account_id,
        if({of:String} = 'user', user_id, '') AS user,
        multiIf(
            {kind:String} = 'count', sum(activity.events),
            {kind:String} = 'days', uniqExact(day),
            uniqExactIf(user_id, user_id != '')
        ) AS measure
    FROM activity_daily_by_user AS activity
    WHERE day >= toDate32({first_day:Int32}) AND day < toDate32({end_day:Int32})
      AND if({of:String} = 'user', user_id, account_id) != ''
      AND arrayExists(
          name -> if(endsWith(name, '*'), startsWith(event, substring(name, 1, length(name) - 1)), event = name),
          {names:Array(String)}
      )
    GROUP BY account_id, user
)
HAVING value > 0
