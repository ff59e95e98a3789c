-- +goose Up
-- Identifiers of end users, by which earlier cases are found under any name, and
-- the kinds of items of lines.
CREATE TABLE case_user_mark (
	id text PRIMARY KEY,
	stream text NOT NULL,
	case_id text NOT NULL,
	mark text NOT NULL
);
CREATE INDEX case_user_mark_stream ON case_user_mark (stream);
CREATE INDEX case_user_mark_mark_idx ON case_user_mark (mark, case_id);
ALTER TABLE case_line ADD COLUMN categories text NOT NULL DEFAULT '';
