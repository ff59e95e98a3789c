-- +goose Up
-- Refusals that other states are told of, and whom they name.
CREATE TABLE denial_row (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	reference TEXT NOT NULL,
	stands INTEGER NOT NULL,
	refused TEXT NOT NULL
) STRICT;
CREATE INDEX denial_row_stream ON denial_row (stream);
CREATE INDEX denial_row_stands ON denial_row (id) WHERE stands = 1;
CREATE TABLE denial_name (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	case_id TEXT NOT NULL,
	role TEXT NOT NULL,
	name_search TEXT NOT NULL
) STRICT;
CREATE INDEX denial_name_stream ON denial_name (stream);
CREATE INDEX denial_name_name ON denial_name (name_search, case_id);
