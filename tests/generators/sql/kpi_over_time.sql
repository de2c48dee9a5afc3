WITH
    points AS
    (
        SELECT at, toString(labels['group']) AS group, value
        FROM watch_rows FINAL
        WHERE watch = 'kpi'
          AND labels['kpi'] = :KPI:
          AND if(labels['segment'] = '', '(all)', labels['segment']) = ${segment:sqlstring}
    )
SELECT time, series, value
FROM
(
    :SERIES:
)
WHERE $__timeFilter(time)
ORDER BY time
