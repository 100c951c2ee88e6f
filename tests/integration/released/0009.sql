-- What revision 0009 adds.
INSERT INTO passkey (id, account_id, credential_id, public_key, sign_count, name, transports, rp_id, synced, created_at, used_at)
 VALUES ('pk-1', 'ac-1', 'c3VyZWx5LWEta2V5', 'cHVibGlj', 4294967295, 'Blue "key" ☎', 'usb,nfc', 'map.example.org', false, '2026-01-01 00:00:00.000000', NULL);
INSERT INTO passkey_challenge (key, account_id, bound_to, expires_at)
 VALUES ('h', 'ac-1', 'h', '2026-01-01 00:05:30.000000');
