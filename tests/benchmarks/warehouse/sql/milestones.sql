-- Milestones of accounts and users; some are reached again. Evidence is about as long as it is.
INSERT INTO milestone_rows
    (milestone, account_id, user_id, definition_hash, occurrence, id, type, occurred_at, detected_at, decided_by, late,
     evidence, score, contributions, segment)
SELECT
    milestone,
    account_id,
    user_id,
    lower(hex(SHA256(milestone))),
    occurrence,
    lower(hex(sipHash128(milestone, account_id, user_id, occurrence))) AS id,
    'milestone.reached',
    fromUnixTimestamp64Milli(moment, 'UTC') AS occurred_at,
    occurred_at + toIntervalMillisecond(250),
    concat('e', leftPad(lower(hex(cityHash64(id))), 16, '0')) AS decided_by,
    false,
    concat('[{"condition":"event: ', milestone, ', count >= 3, within 7d","met":true,"value":', toString(moment % 97),
           ',"events":["', decided_by, '"],"at":"', toString(occurred_at), '"}]'),
    if(milestone = 'pql', 70 + moment % 30, NULL),
    if(milestone = 'pql', [('team_shares', 25., 3.), ('comes_back', 20., 8.), ('data_connected', 15., 1.)], []),
    segment
FROM
(
    SELECT account_id, '' AS user_id, segment, told.1 AS milestone, told.2 AS occurrence, told.3 AS moment
    FROM bench_accounts
    ARRAY JOIN arrayConcat(
        arrayMap((moment, name) -> (name, 1, moment), arraySlice(steps, 1, 4), arraySlice(['signed_up', 'onboarded', 'pql', 'transacted'], 1, least(depth, 4))),
        if(depth >= 2 AND h % 10 < 8, [('setup', 1, steps[2] + 86400000)], []),
        if(depth >= 2 AND h % 10 < 6, [('team_aha', 1, steps[2] + 172800000)], []),
        arrayMap(nth -> ('engaged', nth, steps[1] + nth * 1209600000), range(1, 1 + h % 5))
    ) AS told
    UNION ALL
    SELECT account_id, user_id, segment, told.1, told.2, told.3
    FROM
    (
        SELECT account_id, user_id, segment, arrayJoin(arrayConcat(
            if(h % 100 < 60, [('aha', 1, toUnixTimestamp64Milli(joined_at) + toInt64(h % 864000000))], []),
            if(stays >= 35 AND h % 100 < 50, arrayMap(nth -> ('power_user', nth, toUnixTimestamp64Milli(joined_at) + nth * 2592000000), range(1, 1 + h % 5)), []),
            if(h % 100 < 15, [('decision_maker', 1, toUnixTimestamp64Milli(joined_at) + 1000)], [])
        )) AS told
        FROM bench_users
    )
)
WHERE moment >= {low:Int64} AND moment < {high:Int64}
ORDER BY milestone, account_id, user_id
