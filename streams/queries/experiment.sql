-- What became of those who were exposed to an experiment, by the variant that they saw first. Times
-- are epoch milliseconds. Of a milestone of accounts the accounts count, whichever user it was that
-- saw the variant or was there. Milestones and days are read below their views: of the earliest time
-- and of a set it does not matter what was written twice.
WITH
    {of:String} = 'user' AS of_users,
    exposed AS
    (
        SELECT
            account_id,
            if(of_users, user_id, '') AS who,
            min(at) AS first_at,
            toUnixTimestamp64Milli(first_at) AS exposed_at,
            argMin(facts.variant, (at, facts.variant)) AS variant,
            min(facts.variant) = max(facts.variant) AS single
        FROM facts
        WHERE role IN {exposure_facts:Array(String)}
          AND experiment = {experiment:String}
          AND facts.variant != ''
          AND if(of_users, user_id, account_id) != ''
          AND toUnixTimestamp64Milli(at) <= {now:Int64}
        GROUP BY account_id, who
        HAVING exposed_at >= {from:Int64} AND exposed_at < {to:Int64}
    ),
    reached AS
    (
        SELECT
            account_id,
            user_id AS who,
            toNullable(toUnixTimestamp64Milli(min(occurred_at))) AS reached_at
        FROM
        (
            SELECT account_id, user_id, occurred_at
            FROM milestone_rows
            WHERE milestone = {milestone:String}
            UNION ALL
            SELECT account_id, user_id, occurred_at
            FROM transition_rows
            WHERE milestone = {milestone:String} AND type = 'milestone.entered'
        )
        WHERE (user_id != '') = of_users
        GROUP BY account_id, who
    ),
    present AS
    (
        SELECT account_id, if(of_users, user_id, '') AS who, groupUniqArray(day) AS days
        FROM active_rows
        WHERE (day, account_id, who) IN
        (
            SELECT toDate32(first_at) + arrayJoin({days:Array(UInt16)}), account_id, who FROM exposed
        )
        GROUP BY account_id, who
    ),
    followed AS
    (
        SELECT
            variant,
            single,
            single AND ifNull(reached_at < exposed_at, false) AS before,
            single AND NOT before AS counts,
            exposed_at + {within:Int64} <= {now:Int64} AS is_over,
            ifNull(reached_at <= exposed_at + {within:Int64}, false) AS in_time,
            toDate32(first_at) AS day,
            toDate32(fromUnixTimestamp64Milli({now:Int64}, 'UTC')) AS today,
            days
        FROM exposed
        LEFT JOIN reached ON reached.account_id = exposed.account_id AND reached.who = exposed.who
        LEFT JOIN present ON present.account_id = exposed.account_id AND present.who = exposed.who
    )
SELECT
    variant,
    countIf(single) AS exposed,
    countIf(NOT single) AS mixed,
    countIf(before) AS before,
    countIf(counts AND NOT is_over) AS waiting,
    countIf(counts AND is_over) AS counted,
    countIf(counts AND is_over AND in_time) AS reached,
    arrayMap(nth -> toUInt64(nth), {days:Array(UInt16)}) AS nths,
    sumForEach(arrayMap(nth -> toUInt64(single AND day + nth < today), nths)) AS due,
    sumForEach(arrayMap(nth -> toUInt64(single AND day + nth < today AND has(days, day + nth)), nths)) AS retained
FROM followed
GROUP BY variant
ORDER BY variant
