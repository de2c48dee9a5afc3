-- The newest value of each parameter.
SELECT name, toUnixTimestamp64Milli(parameter_rows.at) AS at, value, sample_size, share
FROM parameter_rows FINAL
WHERE name IN {names:Array(String)}
ORDER BY name, parameter_rows.at DESC
LIMIT 1 BY name
