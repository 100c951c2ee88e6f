-- What revision 0002 adds.
INSERT INTO account (id, name, email, role, password_hash, state, created_at, seen_at) VALUES
 ('ac-1', 'Sam Ó Néill', 'sam@example.org', 'admin', '$argon2id$v=19$made-up', 'active', '2026-01-01 00:00:00.000000', NULL),
 ('ac-2', 'Left', 'left@example.org', 'viewer', '', 'disabled', '2026-01-01 00:00:00.000000', '2026-03-01 00:00:00.000000');
INSERT INTO invitation (id, token_hash, purpose, email, role, account_id, "by", created_at, expires_at, used_at)
 VALUES ('i-1', 'hash-1', 'join', 'new@example.org', 'viewer', NULL, 'Sam', '2026-01-01 00:00:00.000000', '2026-01-08 00:00:00.000000', NULL);
INSERT INTO account_session (id, token_hash, account_id, created_at, used_at, expires_at, client)
 VALUES ('se-1', 'hash-2', 'ac-1', '2026-01-01 00:00:00.000000', '2026-01-01 00:00:00.000000', '2026-01-08 00:00:00.000000', 'Firefox');
INSERT INTO api_token (id, token_hash, account_id, name, role, created_at, used_at, expires_at, revoked_at)
 VALUES ('to-1', 'hash-3', 'ac-1', 'sync', 'contributor', '2026-01-01 00:00:00.000000', NULL, '2036-01-01 00:00:00.000000', NULL);
INSERT INTO sign_in_attempts (key, failures, last_at, wait_until)
 VALUES ('k', 3, '2026-01-01 00:00:00.000000', '2026-01-01 00:00:01.000000');
INSERT INTO known_client (token_hash, account_id, used_at) VALUES ('hash-4', 'ac-1', '2026-01-01 00:00:00.000000');
INSERT INTO audit (number, at, who, "by", what, "on", detail, request_id) VALUES
 (1, '2026-01-01 00:00:00.000000', '', 'the command line', 'invited', '', 'admin', ''),
 (5, '2026-01-01 00:00:00.000000', 'ac-1', 'Sam', 'signed in', 'ac-1', '', 'r-1');
