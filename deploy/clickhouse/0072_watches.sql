-- What `milepost watch` has found last, by watch and labels.
CREATE VIEW IF NOT EXISTS watches AS
SELECT
    watch,
    rows.labels AS labels,
    max(rows.at) AS at,
    argMax(rows.value, rows.at) AS value,
    argMax(rows.sample_size, rows.at) AS sample_size
FROM watch_rows AS rows FINAL
GROUP BY watch, labels
