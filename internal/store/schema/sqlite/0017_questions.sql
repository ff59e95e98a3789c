-- +goose Up
-- Questions to embassies and departments, and what sort of source an item is.
CREATE TABLE question_row (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	state TEXT NOT NULL,
	asked_of TEXT NOT NULL,
	whom TEXT NOT NULL,
	text TEXT NOT NULL,
	country TEXT NOT NULL,
	party TEXT NOT NULL,
	case_id TEXT NOT NULL,
	fact TEXT NOT NULL,
	marking TEXT NOT NULL,
	compartment TEXT NOT NULL,
	asker TEXT NOT NULL,
	due TEXT NOT NULL,
	changed INTEGER NOT NULL
) STRICT;
CREATE INDEX question_row_stream ON question_row (stream);
CREATE INDEX question_row_state_due_idx ON question_row (state, due, id);
CREATE INDEX question_row_case_idx ON question_row (case_id, due, id);
CREATE INDEX question_row_country_idx ON question_row (country, due, id);
CREATE INDEX question_row_party_idx ON question_row (party, due, id);
CREATE INDEX question_row_due_idx ON question_row (due, id);

ALTER TABLE evidence_row ADD COLUMN kind TEXT NOT NULL DEFAULT '';
