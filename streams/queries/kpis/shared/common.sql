WITH
    fromUnixTimestamp64Milli({from:Int64}, 'UTC') AS from_at,
    fromUnixTimestamp64Milli({to:Int64}, 'UTC') AS to_at,
    fromUnixTimestamp64Milli({now:Int64}, 'UTC') AS now_at,
    {segment:String} = '' AND {cohort:String} = '' AND {channel:String} = '' AS everybody,
    -- The periods asked for. One that is not over ends later than now.
    periods AS
    (
        SELECT
            dateTrunc({grain:String}, starts_at) AS period,
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
    some_customers AS (SELECT account_id, user_id FROM customers),
    -- What customers paid when each period began.
    opening AS
    (
        SELECT period, account_id, user_id, mrr
        FROM periods
        CROSS JOIN subscriptions
        WHERE started_at < starts_at
          AND (ended_at IS NULL OR ended_at >= starts_at)
          AND (everybody OR (account_id, user_id) IN some_customers)
    ),
    -- What changed in each period for a customer; who came back is no longer lost.
    moved AS
    (
        SELECT
            dateTrunc({grain:String}, at) AS period,
            account_id,
            user_id,
            -sumIf(amount, kind IN ('churn', 'contraction', 'reactivation')) AS lost,
            sumIf(amount, kind = 'expansion') AS added
        FROM mrr_movements
        WHERE at >= from_at AND at < to_at
        GROUP BY period, account_id, user_id
    ),
    -- When customers began to pay for the first time.
    first_paid AS
    (
        SELECT account_id, user_id, toNullable(min(at)) AS paid_at
        FROM mrr_movements
        WHERE kind = 'new'
        GROUP BY account_id, user_id
    ),
    -- Those whose being there counts: users of an account, or who signed up. Visitors are neither.
    members AS
    (
        SELECT account_id, user_id FROM users WHERE account_id != '' OR signed_up_at IS NOT NULL
    )