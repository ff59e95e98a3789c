-- +goose Up
-- Letters by which exporters were told that a licence is needed: few, and each
-- found by tariff code, by the name of an end user or by its number.
CREATE TABLE informed_row (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	reference TEXT NOT NULL,
	case_id TEXT NOT NULL,
	case_reference TEXT NOT NULL,
	org TEXT NOT NULL,
	compartment TEXT NOT NULL,
	destination TEXT NOT NULL,
	items TEXT NOT NULL,
	users TEXT NOT NULL,
	told TEXT NOT NULL,
	basis TEXT NOT NULL,
	lifted INTEGER NOT NULL,
	valid_from TEXT NOT NULL,
	valid_until TEXT NOT NULL
) STRICT;
CREATE INDEX informed_row_stream ON informed_row (stream);
CREATE INDEX informed_row_lifted_idx ON informed_row (lifted, org, id);
CREATE TABLE informed_name (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	informed_id TEXT NOT NULL,
	name_search TEXT NOT NULL
) STRICT;
CREATE INDEX informed_name_stream ON informed_name (stream);
CREATE INDEX informed_name_informed_id_idx ON informed_name (informed_id);
CREATE TABLE informed_tariff (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	informed_id TEXT NOT NULL,
	digits TEXT NOT NULL
) STRICT;
CREATE INDEX informed_tariff_stream ON informed_tariff (stream);
CREATE INDEX informed_tariff_informed_id_idx ON informed_tariff (informed_id);

-- Findings that no licence is needed, under an undertaking too.
DROP INDEX case_line_tariff_idx;
CREATE INDEX case_line_tariff_idx ON case_line (replace(replace(tariff, '.', ''), ' ', ''), id) WHERE outcome IN ('not_required', 'undertaking');
CREATE INDEX case_row_kind_changed_idx ON case_row (kind, changed, id);
