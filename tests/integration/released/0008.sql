-- What revision 0008 adds.
INSERT INTO second_factor (account_id, secret, created_at, confirmed_at, last_step, used_at)
 VALUES ('ac-1', 'plain:JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP', '2026-01-01 00:00:00.000000', '2026-01-01 00:01:00.000000', 58908962, NULL);
INSERT INTO recovery_code (id, account_id, code_hash, used_at)
 VALUES ('rc-1', 'ac-1', 'h', NULL);
INSERT INTO sign_in_waiting (token_hash, account_id, expires_at)
 VALUES ('h', 'ac-1', '2026-01-01 00:10:00.000000');
INSERT INTO used_logout (key, expires_at) VALUES ('k', '2026-01-01 00:10:00.000000');
UPDATE account_session SET issuer = 'https://id.example.org', provider_session = 's-1' WHERE id = 'se-1';
