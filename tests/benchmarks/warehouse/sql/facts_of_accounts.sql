-- Trials, checkouts and what is paid: who comes to the fourth step pays, changes the plan, and some leave.
INSERT INTO fact_rows (role, at, account_id, user_id, event_id, event, value, plan, self_serve)
SELECT
    tupleElement(told, 1) AS role,
    fromUnixTimestamp64Milli(tupleElement(told, 2), 'UTC') AS at,
    account_id,
    '' AS user_id,
    concat('p', lower(hex(cityHash64(n, role, at)))),
    tupleElement(told, 3),
    if(role = 'subscription', tupleElement(told, 4), NULL),
    if(role = 'subscription', if(tupleElement(told, 4) < 200, 'team', 'enterprise'), ''),
    if(role = 'subscription', h % 3 > 0, NULL)
FROM
(
    SELECT
        n, account_id, h,
        arrayJoin(arrayConcat(
            if(depth >= 2 AND h % 2 = 0, [('trial_started', steps[2], 'Trial Started', 0.)], []),
            if(depth >= 3, [('checkout_started', steps[-1] - 60000, 'Checkout Started', 0.)], []),
            if(depth >= 2 AND h % 7 = 0, [('limit_hit', steps[-1] + 432000000, 'Plan Limit Hit', 0.)], []),
            if(depth >= 4, [('checkout_completed', steps[4], 'Checkout Completed', 0.),
                            ('subscription', steps[4], 'Subscription Started', toFloat64(30 + h % 170))], []),
            if(depth >= 4 AND h % 3 = 0, [('subscription', steps[4] + 2592000000, 'Plan Changed', toFloat64(60 + h % 400)),
                                          ('expansion', steps[4] + 2000000000, 'Plan Limit Hit', 0.)], []),
            if(depth >= 4 AND h % 5 = 0, [('subscription_ended', steps[4] + 5184000000, 'Subscription Cancelled', 0.)], [])
        )) AS told
    FROM bench_accounts
)
WHERE at < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
ORDER BY role, at
