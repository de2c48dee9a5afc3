-- Which experiments somebody was exposed to.
SELECT
    experiment,
    arraySort(groupUniqArray(variant)) AS variants,
    uniqExactIf((account_id, user_id), user_id != '') AS users,
    uniqExactIf(account_id, account_id != '') AS accounts,
    toUnixTimestamp64Milli(min(at)) AS first_at,
    toUnixTimestamp64Milli(max(at)) AS last_at
FROM facts
WHERE role IN {exposure_facts:Array(String)}
  AND experiment != ''
  AND variant != ''
  AND toUnixTimestamp64Milli(at) >= {from:Int64}
  AND toUnixTimestamp64Milli(at) < {to:Int64}
GROUP BY experiment
ORDER BY last_at DESC, experiment
