SELECT DISTINCT if(labels['segment'] = '', '(all)', labels['segment']) AS segment
FROM watch_rows
WHERE watch = 'kpi'
ORDER BY segment
