-- +goose Up
-- What a case is found by when another state or a publisher names it: each party's
-- names and numbers, and what goes where.
CREATE TABLE case_key (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	case_id TEXT NOT NULL,
	what TEXT NOT NULL,
	role TEXT NOT NULL,
	name_search TEXT NOT NULL
) STRICT;
CREATE INDEX case_key_stream ON case_key (stream);
CREATE INDEX case_key_key ON case_key (name_search, what, role, case_id);
