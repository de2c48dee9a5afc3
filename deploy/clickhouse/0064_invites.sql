-- Who invited whom, and when that was accepted: by the account's fact of `invite_accepted` that names
-- the invitee, or else by that of the user of this name. Who was invited is forgotten after 30 days,
-- and so is whether they came: `invitee` is empty then and accepted_at NULL. Facts of
-- `invite_accepted` stay, so how many came is known of any time.
CREATE VIEW IF NOT EXISTS invites AS
SELECT
    sent.account_id AS account_id,
    sent.user_id AS inviter,
    sent.at AS at,
    sent.invitee AS invitee,
    if(accepted.at >= sent.at, accepted.at, NULL) AS accepted_at
FROM (SELECT account_id, user_id, at, invitee FROM fact_rows FINAL WHERE role = 'invite_sent') AS sent
LEFT JOIN
(
    SELECT account_id, if(fact_rows.invitee = '', user_id, fact_rows.invitee) AS invitee, max(at) AS at
    FROM fact_rows
    WHERE role = 'invite_accepted'
    GROUP BY account_id, invitee
    HAVING invitee != ''
) AS accepted ON accepted.account_id = sent.account_id AND accepted.invitee = sent.invitee
