-- What changed in the MRR of a customer, and when: `new`, `expansion`, `contraction`, `churn` and
-- `reactivation`, with the amount by which it changed (less than 0 for contraction and churn).
--
-- See `subscriptions` for who is a customer and for what an event leaves unsaid. An event that changes
-- neither the amount nor whether there is a subscription is no movement, and of one instant the last
-- word counts: to end a plan and to begin another is an expansion or a contraction.
CREATE VIEW IF NOT EXISTS mrr_movements AS
SELECT
    account_id,
    user_id,
    at,
    multiIf(
        pays AND NOT paid, if(has_paid, 'reactivation', 'new'),
        NOT pays, 'churn',
        mrr > mrr_before, 'expansion',
        'contraction'
    ) AS kind,
    mrr - mrr_before AS amount,
    mrr_before,
    mrr,
    plan_before,
    plan,
    self_serve
FROM
(
    SELECT
        account_id, user_id, at, mrr, pays, plan, self_serve,
        lagInFrame(mrr) OVER before_it AS mrr_before,
        lagInFrame(pays) OVER before_it AS paid,
        lagInFrame(plan) OVER before_it AS plan_before,
        max(pays) OVER (before_it ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS has_paid
    FROM
    (
        SELECT
            account_id,
            if(account_id = '', user_id, '') AS user_id,
            at,
            event_id,
            role = 'subscription' AS begins,
            begins AND ifNull(last_value(value) OVER so_far > 0, true) AS pays,
            if(pays, ifNull(last_value(value) OVER so_far, 0), 0) AS mrr,
            if(pays, ifNull(last_value(nullIf(fact_rows.plan, '')) OVER so_far, ''), '') AS plan,
            fact_rows.self_serve AS self_serve
        FROM fact_rows FINAL
        WHERE role IN ('subscription', 'subscription_ended')
        WINDOW so_far AS
        (
            PARTITION BY account_id, if(account_id = '', fact_rows.user_id, '')
            ORDER BY at, role = 'subscription', event_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        )
        ORDER BY account_id, user_id, at, begins DESC, event_id DESC
        LIMIT 1 BY account_id, user_id, at
    )
    WINDOW before_it AS (PARTITION BY account_id, user_id ORDER BY at)
)
WHERE pays != paid OR mrr != mrr_before
