/*
name: time_to_expansion_signal
title: Time to expansion signal
definition: >-
  Median days from the first payment of a customer (an account, or a user without one) to the first
  sign after it that it needs more (`expansion`), by the period of the sign. An account shows what
  any of its users does.
formula: median of first sign − first payment
unit: days
better: lower
kind: leading
grain: month
needs: {roles: [subscription, expansion], views: [people, accounts, mrr_movements]}
details: {mean: "the mean instead of the median, days"}
source: product-led growth; no benchmark is published
*/
WITH
    signals AS
    (
        SELECT account_id, if(account_id = '', user_id, '') AS user_id, at AS signal_at
        FROM expansion
    ),
    waits AS
    (
        SELECT
            account_id,
            user_id,
            min(signal_at) AS first_at,
            dateDiff('millisecond', assumeNotNull(any(paid_at)), first_at) / 86400000 AS days
        FROM first_paid
        INNER JOIN signals USING (account_id, user_id)
        WHERE signal_at >= paid_at AND (everybody OR (account_id, user_id) IN some_customers)
        GROUP BY account_id, user_id
        HAVING first_at >= from_at AND first_at < to_at
    )
SELECT
    dateTrunc({grain:String}, first_at) AS period,
    quantileExactInclusive(0.5)(days) AS value,
    count() AS denominator,
    avg(days) AS mean
FROM waits
GROUP BY period
