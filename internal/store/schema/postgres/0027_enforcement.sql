-- +goose Up
-- Enforcement files, in a compartment of their own.
CREATE TABLE matter_row (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	reference TEXT NOT NULL,
	kind TEXT NOT NULL,
	org TEXT NOT NULL,
	compartment TEXT NOT NULL,
	title TEXT NOT NULL,
	outcome TEXT NOT NULL,
	open BIGINT NOT NULL,
	opened BIGINT NOT NULL
);
CREATE INDEX matter_row_stream ON matter_row (stream);
CREATE INDEX matter_row_open_opened_idx ON matter_row (open, opened, id);
CREATE INDEX matter_row_org_opened_idx ON matter_row (org, opened, id);
