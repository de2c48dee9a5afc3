-- What the definitions judge each lead by: its goal and the trait of its parity (empty: none), how
-- long it takes to mature, and whose it is.
SELECT
    term.1 AS lead,
    term.2 AS goal,
    term.3 AS matures,
    term.4 AS parity,
    term.5 AS kind
FROM
(
    SELECT arrayJoin(arrayZip(
        {leads:Array(String)},
        {goals:Array(String)},
        {matures:Array(Int64)},
        {parities:Array(String)},
        {kinds:Array(String)}
    )) AS term
)
