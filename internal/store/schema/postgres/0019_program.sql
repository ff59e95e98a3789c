-- +goose Up
-- Accounts of machine clients, as lists show them.
CREATE TABLE program_row (
	id text PRIMARY KEY,
	stream text NOT NULL,
	name text NOT NULL,
	org text NOT NULL,
	status text NOT NULL,
	role text NOT NULL,
	purpose text NOT NULL,
	about text NOT NULL,
	expires text NOT NULL
);
CREATE INDEX program_row_stream ON program_row (stream);
CREATE INDEX program_row_name_idx ON program_row (name, id);
CREATE INDEX program_row_org_name_idx ON program_row (org, name, id);
-- The hash of the token that such an account calls with, and the day of its last
-- call: working state.
CREATE TABLE api_token (
	account text PRIMARY KEY,
	token bytea NOT NULL UNIQUE,
	used text NOT NULL
);
