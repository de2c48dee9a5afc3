-- One row for each time that an abuse rule flagged an account or a user, by definition. `cleared_at`
-- is NULL while it is flagged; where a limit was passed, until the period is over.
CREATE VIEW IF NOT EXISTS flags AS
SELECT
    rule,
    account_id,
    user_id,
    definition_hash,
    occurrence,
    fake,
    flagged_at,
    multiIf(isNotNull(cleared), cleared, until <= now64(3, 'UTC'), until, NULL) AS cleared_at,
    until,
    segment,
    evidence
FROM
(
    SELECT
        rule, account_id, user_id, definition_hash, occurrence,
        anyIf(fake, type = 'entity.flagged') AS fake,
        minIf(occurred_at, type = 'entity.flagged') AS flagged_at,
        minOrNullIf(occurred_at, type = 'entity.cleared') AS cleared,
        tupleElement(anyIf(tuple(until), type = 'entity.flagged'), 1) AS until,
        anyIf(segment, type = 'entity.flagged') AS segment,
        anyIf(evidence, type = 'entity.flagged') AS evidence
    FROM flag_rows FINAL
    GROUP BY rule, account_id, user_id, definition_hash, occurrence
    HAVING countIf(type = 'entity.flagged') > 0
)
