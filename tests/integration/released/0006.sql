-- What revision 0006 adds.
INSERT INTO readiness_assessment (id, title, scope, about, area_code, created_at, updated_at, version)
 VALUES ('ra-1', 'Our place', 'place', '', 'E06000002', '2026-01-01 00:00:00.000000', '2026-01-01 00:00:00.000000', 1);
INSERT INTO readiness_member (assessment_id, account_id, access, added_at)
 VALUES ('ra-1', 'ac-1', 'owner', '2026-01-01 00:00:00.000000');
INSERT INTO readiness_invitation (id, assessment_id, token_hash, access, invitee, "by", created_at, expires_at, used_at)
 VALUES ('ri-1', 'ra-1', 'hash-5', 'edit', 'Jo', 'Sam', '2026-01-01 00:00:00.000000', '2026-01-08 00:00:00.000000', NULL);
INSERT INTO readiness_round (assessment_id, number, name, started_at, closed_at, figures)
 VALUES ('ra-1', 1, 'January', '2026-01-01 00:00:00.000000', NULL, NULL);
INSERT INTO readiness_answer (assessment_id, round, factor, rating, evidence, next_step, owner, rated_on, version, updated_at, updated_by)
 VALUES ('ra-1', 1, 'leadership', 3, 'Board paper', '', '', '2026-01-31', 2, '2026-01-31 00:00:00.000000', 'Sam');
INSERT INTO readiness_change (number, assessment_id, at, who, "by", action, round, factor, version, "before", "after")
 VALUES (4, 'ra-1', '2026-01-31 00:00:00.000000', 'ac-1', 'Sam', 'answered', 1, 'leadership', 2, 'null', '{"rating": 3}');
