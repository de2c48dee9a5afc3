-- What a user does once or hardly ever. Visitors of the public pages are three for each who signs up.
INSERT INTO fact_rows (role, at, account_id, user_id, event_id, event, value, channel, experiment, variant, given)
SELECT
    role,
    joined_at + toIntervalSecond(later) AS at,
    if(role = 'visit', '', account_id),
    if(role = 'visit', concat('v', toString(h % 4294967296), '-', toString(nth)), user_id),
    concat('f', lower(hex(cityHash64(role, h, nth)))) AS event_id,
    multiIf(role = 'visit', 'Page Viewed', role = 'signed_up', 'Signed Up', role = 'ticket', 'Ticket Opened',
            role = 'nps', 'NPS Answered', role = 'csat', 'CSAT Answered', role = 'exposure', 'Experiment Viewed',
            role = 'consent', 'Consent Answered', role = 'referral_shared', 'Referral Link Shared',
            role = 'referral_prompt_viewed', 'Referral Prompt Viewed', role = 'referral_prompt_clicked', 'Referral Prompt Clicked',
            'Invite Accepted'),
    if(role IN ('nps', 'csat'), h % if(role = 'nps', 11, 6), NULL),
    if(role IN ('visit', 'signed_up'), ['organic', 'search', 'ads', 'partner', 'referral'][1 + h % 5], ''),
    if(role = 'exposure', concat('experiment-', toString(toMonth(joined_at))), ''),
    if(role = 'exposure', ['control', 'variant'][1 + intDiv(h, 3) % 2], ''),
    if(role = 'consent', intDiv(h, 5) % 10 < 7, NULL)
FROM
(
    SELECT
        account_id, user_id, h, joined_at, k, age,
        arrayJoin(arrayFilter(
            (role, share) -> cityHash64(role, h) % 1000 < share,
            ['visit', 'visit', 'visit', 'signed_up', 'consent', 'exposure', 'nps', 'csat', 'ticket',
             'referral_prompt_viewed', 'referral_prompt_clicked', 'referral_shared', 'invite_accepted'],
            [1000, 1000, 1000, 1000, 900, 400, 60, 50, 60, 200, 40, 30, if(k = 0, 0, 400)]
        )) AS role,
        rowNumberInAllBlocks() AS nth,
        if(role IN ('visit', 'signed_up', 'consent', 'invite_accepted'), 0, cityHash64(role, h) % toUInt64(86400 * 30)) AS later
    FROM bench_users
)
WHERE at < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
ORDER BY role, at
