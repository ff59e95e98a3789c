-- +goose Up
-- What decided cases rested on, small: values of facts by line, in the order of
-- the names that were in use. The whole, with sources and dates, is a document
-- in the vault; this is a copy of its numbers that is read in bulk.
CREATE TABLE decided_facts (
	case_id TEXT PRIMARY KEY,
	decided BIGINT NOT NULL,
	day TEXT NOT NULL,
	pack TEXT NOT NULL,
	names TEXT NOT NULL,
	lines BYTEA NOT NULL
);
CREATE INDEX decided_facts_decided_idx ON decided_facts (decided, case_id);
CREATE TABLE fact_names (hash TEXT PRIMARY KEY, names TEXT NOT NULL);
