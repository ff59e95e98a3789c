-- +goose Up
-- What somebody has to do by a day, beside cases.
CREATE TABLE duty_row (
	id text PRIMARY KEY,
	stream text NOT NULL,
	account text NOT NULL,
	role text NOT NULL,
	kind text NOT NULL,
	title text NOT NULL,
	href text NOT NULL,
	compartment text NOT NULL,
	due text NOT NULL
);
CREATE INDEX duty_row_stream ON duty_row (stream);
CREATE INDEX duty_row_account_due_idx ON duty_row (account, due, id);
CREATE INDEX duty_row_role_due_idx ON duty_row (role, due, id);
CREATE INDEX duty_row_kind_due_idx ON duty_row (kind, due, id);
