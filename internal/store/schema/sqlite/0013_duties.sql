-- +goose Up
-- What somebody has to do by a day, beside cases.
CREATE TABLE duty_row (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	account TEXT NOT NULL,
	role TEXT NOT NULL,
	kind TEXT NOT NULL,
	title TEXT NOT NULL,
	href TEXT NOT NULL,
	compartment TEXT NOT NULL,
	due TEXT NOT NULL
) STRICT;
CREATE INDEX duty_row_stream ON duty_row (stream);
CREATE INDEX duty_row_account_due_idx ON duty_row (account, due, id);
CREATE INDEX duty_row_role_due_idx ON duty_row (role, due, id);
CREATE INDEX duty_row_kind_due_idx ON duty_row (kind, due, id);
