-- help: Share of all accounts that ever did something that abuse rules with `fake` flag now.
-- unit: ratio
-- sample: accounts
-- period: 1d
SELECT ratio AS value, accounts AS sample_size
FROM fake_accounts
WHERE accounts > 0
