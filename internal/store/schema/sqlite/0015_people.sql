-- +goose Up
-- Natural persons in cases, whatever they are there, by when their details have
-- to go.
CREATE TABLE case_person (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	case_id TEXT NOT NULL,
	owner TEXT NOT NULL,
	roles TEXT NOT NULL,
	retain_until TEXT NOT NULL,
	erased INTEGER NOT NULL
) STRICT;
CREATE INDEX case_person_stream ON case_person (stream);
CREATE INDEX case_person_retain_until_idx ON case_person (retain_until, id) WHERE erased = 0;
DROP INDEX case_party_retain_until_idx;
