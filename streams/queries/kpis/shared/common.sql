WITH
    fromUnixTimestamp64Milli({from:Int64}, 'UTC') AS from_at,
    fromUnixTimestamp64Milli({to:Int64}, 'UTC') AS to_at,
    fromUnixTimestamp64Milli({now:Int64}, 'UTC') AS now_at,
    {segment:String} = '' AND {cohort:String} = '' AND {channel:String} = '' AS everybody,
    -- The periods asked for. One that is not over ends later than now.
    periods AS
    (
        SELECT
            toDate(starts_at) AS period,
            fromUnixTimestamp64Milli(tupleElement(bounds, 1), 'UTC') AS starts_at,
            fromUnixTimestamp64Milli(tupleElement(bounds, 2), 'UTC') AS ends_at
        FROM (SELECT arrayJoin(arrayZip({starts:Array(Int64)}, {ends:Array(Int64)})) AS bounds)
    ),
    -- Users of the segment, cohort and channel asked for.
    users AS
    (
        SELECT account_id, user_id, signed_up_at, signup_week, channel, segment, first_seen, last_seen
        FROM people
        WHERE ({segment:String} = '' OR segment = {segment:String})
          AND ({cohort:String} = '' OR toString(signup_week) = {cohort:String})
          AND ({channel:String} = '' OR channel = {channel:String})
    ),
    -- Accounts, and users without one, likewise: all who would pay for themselves.
    customers AS
    (
        SELECT account_id, '' AS user_id, signed_up_at, signup_week, channel, segment, first_seen, last_seen
        FROM accounts
        WHERE ({segment:String} = '' OR segment = {segment:String})
          AND ({cohort:String} = '' OR toString(signup_week) = {cohort:String})
          AND ({channel:String} = '' OR channel = {channel:String})
        UNION ALL
        SELECT * FROM users WHERE account_id = ''
    ),
    -- For `WHERE everybody OR (account_id, user_id) IN some_users`.
    some_users AS (SELECT account_id, user_id FROM users),
    some_customers AS (SELECT account_id, user_id FROM customers)