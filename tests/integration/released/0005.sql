-- What revision 0005 adds.
INSERT INTO duplicate_review (id, a_id, b_id, score, distance_m, evidence, state, found_at, decided_at, decided_by, note, kept_id, version)
 VALUES ('dr-1', 'L-3', 'l-1', 0.87, 12.5, '{"for": ["same name"], "against": []}', 'open', '2026-01-01 00:00:00.000000', NULL, '', '', NULL, 1);
INSERT INTO merged_place (id, into_id, at, "by") VALUES ('l-2', 'l-1', '2026-01-01 00:00:00.000000', 'ada');
