-- +goose Up
-- Natural persons in cases, whatever they are there, by when their details have
-- to go.
CREATE TABLE case_person (
	id text PRIMARY KEY,
	stream text NOT NULL,
	case_id text NOT NULL,
	owner text NOT NULL,
	roles text NOT NULL,
	retain_until text NOT NULL,
	erased bigint NOT NULL
);
CREATE INDEX case_person_stream ON case_person (stream);
CREATE INDEX case_person_retain_until_idx ON case_person (retain_until, id) WHERE erased = 0;
DROP INDEX case_party_retain_until_idx;
-- The number of what can be searched is that of the first event of its stream.
ALTER TABLE search ALTER COLUMN n DROP IDENTITY;
