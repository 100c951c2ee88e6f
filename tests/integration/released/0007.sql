-- What revision 0007 adds.
INSERT INTO account_identity (issuer, subject, account_id, managed, created_at, used_at)
 VALUES ('https://id.example.org', 'abc', 'ac-1', TRUE, '2026-01-01 00:00:00.000000', '2026-01-01 00:00:00.000000');
INSERT INTO rate_bucket (key, full_at) VALUES ('k', 1767225600.25);
UPDATE account_session SET proved_at = '2026-01-01 00:00:00.000000' WHERE id = 'se-1';
