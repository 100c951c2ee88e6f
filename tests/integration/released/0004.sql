-- What revision 0004 adds.
INSERT INTO remote_help (id, need, name, provider, price, phone, nations, as_of, description, who, price_note, speed,
 contract, hours, url, locality, source, source_url, source_key, source_record, confirmed_at, confirmed_by,
 created_at, updated_at, deleted_at, version)
 VALUES ('rh-1', 'mobile', 'Cheap line', 'Telco', 12.99, '', 'England,Wales', '2026-01', '', '', '', '', '', '', '', '', '', '',
 NULL, NULL, NULL, '', '2026-01-01 00:00:00.000000', '2026-01-01 00:00:00.000000', NULL, 1);
