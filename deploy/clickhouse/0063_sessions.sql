-- Sessions of users: events with less than 30 minutes between one and the next. `number` counts the
-- sessions of a user from 1, those whose events are gone by now left out.
--
-- Worked out when it is asked for, from the raw events that there still are. Conditions on account_id
-- and user_id are pushed down to the events' key; so ask for the sessions of those who matter.
CREATE VIEW IF NOT EXISTS sessions AS
SELECT
    account_id,
    user_id,
    number,
    times[1] AS started_at,
    times[-1] AS ended_at,
    length(times) AS events
FROM
(
    SELECT
        account_id,
        user_id,
        arraySort(groupArray(at)) AS moments,
        arraySplit(
            (moment, before) -> dateDiff('millisecond', before, moment) >= 1800000,
            moments,
            arrayPushFront(arrayPopBack(moments), moments[1])
        ) AS all_sessions
    FROM event_rows FINAL
    WHERE user_id != ''
      AND event NOT IN ('lead_contacted', 'lead_converted', 'lead_disqualified', 'lead_snoozed')
    GROUP BY account_id, user_id
)
ARRAY JOIN all_sessions AS times, arrayEnumerate(all_sessions) AS number
