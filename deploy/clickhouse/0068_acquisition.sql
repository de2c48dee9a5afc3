-- What was spent to win customers, by month and channel.
CREATE VIEW IF NOT EXISTS acquisition AS
SELECT toStartOfMonth(at) AS month, channel, sum(ifNull(value, 0)) AS spend
FROM fact_rows FINAL
WHERE role = 'spend'
GROUP BY month, channel
