-- +goose Up
-- Identifiers of end users, by which earlier cases are found under any name, and
-- the kinds of items of lines.
CREATE TABLE case_user_mark (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	case_id TEXT NOT NULL,
	mark TEXT NOT NULL
) STRICT;
CREATE INDEX case_user_mark_stream ON case_user_mark (stream);
CREATE INDEX case_user_mark_mark_idx ON case_user_mark (mark, case_id);
ALTER TABLE case_line ADD COLUMN categories TEXT NOT NULL DEFAULT '';
