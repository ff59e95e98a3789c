-- +goose Up
-- What came after licences were given: suspensions, revocations, findings of
-- checks, stops at the border, ends of enforcement files; each once, for statistics.
CREATE TABLE outcome_row (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	kind TEXT NOT NULL,
	licence_id TEXT NOT NULL,
	compartment TEXT NOT NULL,
	at INTEGER NOT NULL
) STRICT;
CREATE INDEX outcome_row_stream ON outcome_row (stream);
CREATE INDEX outcome_row_at_idx ON outcome_row (at, kind);
