-- +goose Up
-- What holders have to report under a licence, and what waits to be looked at.
CREATE TABLE licence_duty (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	licence_id TEXT NOT NULL,
	reference TEXT NOT NULL,
	org TEXT NOT NULL,
	compartment TEXT NOT NULL,
	condition TEXT NOT NULL,
	type TEXT NOT NULL,
	state TEXT NOT NULL,
	due TEXT NOT NULL
) STRICT;
CREATE INDEX licence_duty_stream ON licence_duty (stream);
CREATE INDEX licence_duty_state_due_idx ON licence_duty (state, due, id);
CREATE INDEX licence_duty_org_due_idx ON licence_duty (org, due, id);
