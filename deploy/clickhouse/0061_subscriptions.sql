-- From when to when a customer paid what: a row from each fact of `subscription` to the next one, or
-- to that of `subscription_ended`. ended_at is NULL while it runs.
--
-- A customer is an account, or a user without one. What an event does not say (amount, plan) stays as
-- it was; an amount of 0 or less is no subscription. Of one instant an end comes before a beginning.
CREATE VIEW IF NOT EXISTS subscriptions AS
SELECT account_id, user_id, started_at, ended_at, plan, mrr, self_serve
FROM
(
    SELECT
        role,
        account_id,
        if(account_id = '', user_id, '') AS user_id,
        at AS started_at,
        leadInFrame(toNullable(at)) OVER
        (
            whole ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ) AS ended_at,
        ifNull(last_value(nullIf(fact_rows.plan, '')) OVER so_far, '') AS plan,
        last_value(value) OVER so_far AS amount,
        ifNull(amount, 0) AS mrr,
        fact_rows.self_serve AS self_serve
    FROM fact_rows FINAL
    WHERE role IN ('subscription', 'subscription_ended')
    WINDOW
        whole AS
        (
            PARTITION BY account_id, if(account_id = '', fact_rows.user_id, '')
            ORDER BY at, role = 'subscription', event_id
        ),
        so_far AS
        (
            PARTITION BY account_id, if(account_id = '', fact_rows.user_id, '')
            ORDER BY at, role = 'subscription', event_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        )
)
WHERE role = 'subscription' AND (isNull(amount) OR amount > 0)
