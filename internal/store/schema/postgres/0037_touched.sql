-- +goose Up
-- What a case is found by when another state or a publisher names it: each party's
-- names and numbers, and what goes where.
CREATE TABLE case_key (
	id text PRIMARY KEY,
	stream text NOT NULL,
	case_id text NOT NULL,
	what text NOT NULL,
	role text NOT NULL,
	name_search text NOT NULL
);
CREATE INDEX case_key_stream ON case_key (stream);
CREATE INDEX case_key_key ON case_key (name_search, what, role, case_id);
