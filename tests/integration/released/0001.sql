-- Rows as revision 0001 holds them. Plain SQL of both databases; the taxonomy is as it was shipped.
INSERT INTO organization (id, name, description, email, website, logo, uri, parent_organization_id) VALUES
 ('o-2', 'Cyngor Sir Gâr', 'Council', 'help@example.org', 'https://example.org', '', '', NULL),
 ('o-1', 'O''Brien & Sons "Trust" ☎', '', '', '', '', '', 'o-2');
INSERT INTO taxonomy (id, key, name, description, uri, version) VALUES
 ('926fec37-d492-5dce-883f-052c214cd744', 'support', 'Digital support', '', '', '1');
INSERT INTO taxonomy_term (id, taxonomy_id, key, name, description, parent_id) VALUES
 ('fb781c0e-82ac-5890-b2e3-ae73e3470292', '926fec37-d492-5dce-883f-052c214cd744', 'devices', 'Devices given or lent', '', NULL),
 ('t-1', '926fec37-d492-5dce-883f-052c214cd744', 'data', 'Mobile data', '', 'fb781c0e-82ac-5890-b2e3-ae73e3470292');
INSERT INTO location (id, location_type, name, description, latitude, longitude, external_identifier,
 external_identifier_type, provider_id, area_code, placed_by, source, source_key, source_record, as_of,
 confirmed_at, confirmed_by, created_at, updated_at, deleted_at, version) VALUES
 ('l-1', 'physical', 'Tŷ Cymunedol 🏠', 'Two
lines', 51.123456789012345, -0.1, '', '', 'o-1', 'E01000003', 'postcode', 'here', NULL, NULL, '2026-01',
  '2026-01-02 03:04:05.678901', 'ada', '2026-01-01 00:00:00.000000', '2026-01-02 03:04:05.678901', NULL, 2),
 ('l-2', 'physical', 'Taken out', '', NULL, NULL, '', '', NULL, NULL, '', 'list', 'k-1', '{"name": "Taken \u00e9"}',
  '', NULL, '', '2026-01-01 00:00:00.000001', '2026-01-01 00:00:00.000001', '2026-02-03 04:05:06.000000', 1),
 ('L-3', 'physical', 'Upper case sorts before lower', '', 0.1, 0.30000000000000004, '', '', NULL, NULL, '', 'list',
  'k-2', 'null', '', NULL, '', '2026-01-01 00:00:00.000000', '2026-01-01 00:00:00.000000', NULL, 1);
INSERT INTO address (id, location_id, address_1, city, region, state_province, postal_code, country, address_type)
 VALUES ('d-1', 'l-1', '2 Low Road', 'Town', '', '', 'AB2 1AA', 'GB', 'physical');
INSERT INTO accessibility (id, location_id, feature, description, details, url)
 VALUES ('x-1', 'l-1', 'step_free', '', '', '');
INSERT INTO service (id, organization_id, name, description, url, email, status, cost, fees, accreditations,
 minimum_age, maximum_age, assured_date, assurer_email, alert)
 VALUES ('s-1', 'o-1', 'Get online', 'Help', '', '', 'active', 'free', '', '', 16, NULL, '', '', '');
INSERT INTO service_at_location (id, service_id, location_id, "position", closed_days, hours_note, computers, staffed_hours)
 VALUES ('sl-1', 's-1', 'l-1', 0, 'SU', '', 4, 12.5);
INSERT INTO schedule (id, service_at_location_id, freq, byday, opens_at, closes_at, valid_from, valid_to)
 VALUES ('h-1', 'sl-1', 'WEEKLY', 'MO,TU', '10:00', '12:00', '', '');
INSERT INTO contact (id, service_id, name, title) VALUES ('c-1', 's-1', 'Sam', '');
INSERT INTO phone (id, contact_id, number, description) VALUES ('p-1', 'c-1', '01632 960 001', '');
INSERT INTO cost_option (id, service_id, "position", "option", amount, amount_description, valid_from, valid_to)
 VALUES ('co-1', 's-1', 0, 'Printing', 0.2, 'a page', '', '');
INSERT INTO language (id, service_id, "position", code) VALUES ('la-1', 's-1', 0, 'cy');
INSERT INTO attribute (id, link_id, link_entity, link_type, taxonomy_term_id)
 VALUES ('a-1', 's-1', 'service', 'stated', 'fb781c0e-82ac-5890-b2e3-ae73e3470292');
INSERT INTO change (number, at, "by", action, listing_id, version, note, "before", "after") VALUES
 (1, '2026-01-01 00:00:00.000000', 'ada', 'added', 'l-1', 1, '', NULL, '{"name": "A",  "kept": "as spaced"}'),
 (7, '2026-01-02 03:04:05.678901', 'ada', 'confirmed', 'l-1', 2, 'rang', '{"name": "A"}', '{"name": "A"}');
