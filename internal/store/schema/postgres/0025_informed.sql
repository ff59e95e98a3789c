-- +goose Up
-- Letters by which exporters were told that a licence is needed: few, and each
-- found by tariff code, by the name of an end user or by its number.
CREATE TABLE informed_row (
	id text PRIMARY KEY,
	stream text NOT NULL,
	reference text NOT NULL,
	case_id text NOT NULL,
	case_reference text NOT NULL,
	org text NOT NULL,
	compartment text NOT NULL,
	destination text NOT NULL,
	items text NOT NULL,
	users text NOT NULL,
	told text NOT NULL,
	basis text NOT NULL,
	lifted bigint NOT NULL,
	valid_from text NOT NULL,
	valid_until text NOT NULL
);
CREATE INDEX informed_row_stream ON informed_row (stream);
CREATE INDEX informed_row_lifted_idx ON informed_row (lifted, org, id);
CREATE TABLE informed_name (
	id text PRIMARY KEY,
	stream text NOT NULL,
	informed_id text NOT NULL,
	name_search text NOT NULL
);
CREATE INDEX informed_name_stream ON informed_name (stream);
CREATE INDEX informed_name_informed_id_idx ON informed_name (informed_id);
CREATE TABLE informed_tariff (
	id text PRIMARY KEY,
	stream text NOT NULL,
	informed_id text NOT NULL,
	digits text NOT NULL
);
CREATE INDEX informed_tariff_stream ON informed_tariff (stream);
CREATE INDEX informed_tariff_informed_id_idx ON informed_tariff (informed_id);

-- Findings that no licence is needed, under an undertaking too.
DROP INDEX case_line_tariff_idx;
CREATE INDEX case_line_tariff_idx ON case_line (replace(replace(tariff, '.', ''), ' ', ''), id) WHERE outcome IN ('not_required', 'undertaking');
CREATE INDEX case_row_kind_changed_idx ON case_row (kind, changed, id);
