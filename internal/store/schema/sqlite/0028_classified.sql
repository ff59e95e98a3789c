-- +goose Up
-- Codes of control lists by which the lines of a case were classified.
CREATE TABLE assessment_code (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	case_id TEXT NOT NULL,
	line TEXT NOT NULL,
	code TEXT NOT NULL
) STRICT;
CREATE INDEX assessment_code_stream ON assessment_code (stream);
CREATE INDEX assessment_code_code_idx ON assessment_code (code, case_id, line);
CREATE INDEX assessment_code_case_id_idx ON assessment_code (case_id, line);
