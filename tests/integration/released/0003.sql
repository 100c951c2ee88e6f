-- What revision 0003 adds.
INSERT INTO suggestion (id, created_at, about, listing_id, base_version, message, proposed, account, name, email, state, decided_at)
 VALUES ('su-1', '2026-01-01 00:00:00.000000', 'correction', 'l-1', 2, 'It moved', NULL, '', 'Jo', 'jo@example.org', 'declined', '2026-01-02 00:00:00.000000');
INSERT INTO suggestion_decision (number, suggestion_id, at, "by", state, reason, listing_id, version)
 VALUES (3, 'su-1', '2026-01-02 00:00:00.000000', 'ada', 'declined', 'It did not', NULL, NULL);
