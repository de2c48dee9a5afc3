-- Entries into live milestones, and exits from most of them.
INSERT INTO transition_rows
    (milestone, account_id, user_id, definition_hash, occurrence, type, id, occurred_at, detected_at, decided_by, late,
     evidence, segment)
SELECT
    milestone,
    account_id,
    '',
    lower(hex(SHA256(milestone))),
    occurrence,
    type,
    lower(hex(sipHash128(milestone, account_id, occurrence, type))),
    fromUnixTimestamp64Milli(moment, 'UTC') AS occurred_at,
    occurred_at + toIntervalMillisecond(250),
    '',
    false,
    concat('[{"condition":"', milestone, '","met":true,"at":"', toString(occurred_at), '"}]'),
    segment
FROM
(
    SELECT account_id, segment, told.1 AS milestone, told.2 AS occurrence, told.3 AS type, told.4 AS moment
    FROM bench_accounts
    ARRAY JOIN arrayConcat(
        if(depth = 5, [('active', 1, 'milestone.entered', steps[5])], []),
        if(depth = 5 AND h % 3 = 0, [('active', 1, 'milestone.exited', steps[5] + 3888000000), ('active', 2, 'milestone.entered', steps[5] + 5184000000)], []),
        if(depth >= 2 AND h % 10 < 6, [('dormant', 1, 'milestone.entered', steps[2] + 1728000000)], []),
        if(depth >= 2 AND h % 10 < 3, [('dormant', 1, 'milestone.exited', steps[2] + 2592000000)], [])
    ) AS told
)
WHERE moment < {end:Int64}
ORDER BY milestone, account_id
