-- When each account, or each user, signed up first.
SELECT
    account_id,
    if({of:String} = 'user', user_id, '') AS who,
    toUnixTimestamp64Milli(min(at)) AS signed_up_at
FROM facts
WHERE role = 'signed_up' AND if({of:String} = 'user', user_id, account_id) != ''
GROUP BY account_id, who
