WITH
    known AS
    (
        SELECT
            row.1 AS place, row.2 AS kpi, row.3 AS title, row.4 AS unit,
            row.5 AS smb, row.6 AS mid_market, row.7 AS enterprise
        FROM
        (
            SELECT arrayJoin([
            :KPIS:
            ]) AS row
        )
    ),
    points AS
    (
        SELECT
            toString(labels['kpi']) AS kpi,
            at,
            rows.value AS point,
            max(at) OVER (PARTITION BY labels['kpi']) AS newest
        FROM watch_rows AS rows FINAL
        WHERE watch = 'kpi'
          AND labels['group'] = ''
          AND if(labels['segment'] = '', '(all)', labels['segment']) = ${segment:sqlstring}
    )
SELECT
    any(title) AS KPI,
    any(unit) AS unit,
    any(newest) AS until,
    anyIf(point, at = newest) AS value,
    argMaxOrNullIf(point, at, at < newest) AS the_period_before,
    anyOrNullIf(point, abs(dateDiff('day', at, newest - INTERVAL 1 YEAR)) <= 3) AS a_year_before,
    100 * (value - a_year_before) / nullIf(abs(a_year_before), 0) AS year_on_year,
    any(smb) AS published_smb,
    any(mid_market) AS published_mid_market,
    any(enterprise) AS published_enterprise
FROM points
INNER JOIN known USING (kpi)
GROUP BY place
ORDER BY place
