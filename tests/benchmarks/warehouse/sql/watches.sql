-- What `milepost watch` has found of each KPI and segment, week by week, for two years.
INSERT INTO watch_rows (watch, labels, at, value, sample_size)
SELECT
    'kpi',
    map('kpi', kpi, 'segment', arrayJoin(['', 'large', 'mid_market', 'small']), 'group', ''),
    toDateTime64(toMonday(fromUnixTimestamp64Milli({end:Int64}, 'UTC')), 3, 'UTC') - toIntervalWeek(number) AS at,
    20 + cityHash64(kpi, number) % 30,
    1000
FROM (SELECT arrayJoin({kpis:Array(String)}) AS kpi) AS kpis
CROSS JOIN numbers(104) AS weeks
