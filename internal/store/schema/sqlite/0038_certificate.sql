-- +goose Up
-- Codes with which an end-use certificate can be signed, as hashes.
CREATE TABLE certificate_code (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	case_id TEXT NOT NULL
) STRICT;
CREATE INDEX certificate_code_stream ON certificate_code (stream);
