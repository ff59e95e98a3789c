-- +goose Up
-- Accounts of machine clients, as lists show them.
CREATE TABLE program_row (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	name TEXT NOT NULL,
	org TEXT NOT NULL,
	status TEXT NOT NULL,
	role TEXT NOT NULL,
	purpose TEXT NOT NULL,
	about TEXT NOT NULL,
	expires TEXT NOT NULL
) STRICT;
CREATE INDEX program_row_stream ON program_row (stream);
CREATE INDEX program_row_name_idx ON program_row (name, id);
CREATE INDEX program_row_org_name_idx ON program_row (org, name, id);
-- The hash of the token that such an account calls with, and the day of its last
-- call: working state.
CREATE TABLE api_token (
	account TEXT PRIMARY KEY,
	token BLOB NOT NULL UNIQUE,
	used TEXT NOT NULL
) STRICT;
