SELECT
    sum(events) AS events,
    uniqExactIf(account_id, account_id != '') AS accounts,
    uniqExactIf((account_id, user_id), user_id != '') AS users
FROM activity_daily_by_user
