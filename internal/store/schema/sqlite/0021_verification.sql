-- +goose Up
-- Checks after shipment, and the draws that they come of. Who may see a check is
-- who may see its licence.
CREATE TABLE check_row (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	reference TEXT NOT NULL,
	licence_id TEXT NOT NULL,
	case_id TEXT NOT NULL,
	plan TEXT NOT NULL,
	account TEXT NOT NULL,
	checklist TEXT NOT NULL,
	status TEXT NOT NULL,
	open INTEGER NOT NULL,
	result TEXT NOT NULL,
	due TEXT NOT NULL
) STRICT;
CREATE INDEX check_row_stream ON check_row (stream);
CREATE INDEX check_row_licence_idx ON check_row (licence_id, due, id);
CREATE INDEX check_row_case_idx ON check_row (case_id, due, id);
CREATE INDEX check_row_open_due_idx ON check_row (open, due, id);
CREATE INDEX check_row_plan_idx ON check_row (plan, licence_id);

CREATE TABLE plan_row (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	purpose TEXT NOT NULL,
	drawn INTEGER NOT NULL,
	pool INTEGER NOT NULL,
	picks INTEGER NOT NULL
) STRICT;
CREATE INDEX plan_row_stream ON plan_row (stream);
CREATE INDEX plan_row_drawn_idx ON plan_row (drawn, id);

CREATE INDEX licence_use_left_at_idx ON licence_use (left_at, licence_id) WHERE outcome = 'accepted';
