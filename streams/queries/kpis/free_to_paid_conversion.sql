/*
name: free_to_paid_conversion
title: Free-to-paid conversion
definition: >-
  Of the customers who were free when the period began, the share that began to pay in it. A customer
  is an account, or a user without one. Free is who had signed up and had never paid.
formula: free customers who began to pay in the period / free customers at its start × 100
unit: percent
better: higher
kind: lagging
grain: month
needs: {roles: [signed_up, subscription], views: [accounts, people, mrr_movements]}
benchmarks: {smb: [3, 5, 8], mid_market: [4, 6, 10], enterprise: [2, 4, 7]}
source: product-led growth benchmarks by size of customer
*/
SELECT
    period,
    countIf(paid_at < ends_at) AS numerator,
    count() AS denominator,
    100 * numerator / denominator AS value
FROM periods
CROSS JOIN
(
    SELECT customers.signed_up_at AS signed_up_at, paid_at
    FROM customers
    LEFT JOIN first_paid USING (account_id, user_id)
) AS known
WHERE signed_up_at < starts_at AND (paid_at IS NULL OR paid_at >= starts_at)
GROUP BY period
