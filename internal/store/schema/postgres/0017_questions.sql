-- +goose Up
-- Questions to embassies and departments, and what sort of source an item is.
CREATE TABLE question_row (
	id text PRIMARY KEY,
	stream text NOT NULL,
	state text NOT NULL,
	asked_of text NOT NULL,
	whom text NOT NULL,
	text text NOT NULL,
	country text NOT NULL,
	party text NOT NULL,
	case_id text NOT NULL,
	fact text NOT NULL,
	marking text NOT NULL,
	compartment text NOT NULL,
	asker text NOT NULL,
	due text NOT NULL,
	changed bigint NOT NULL
);
CREATE INDEX question_row_stream ON question_row (stream);
CREATE INDEX question_row_state_due_idx ON question_row (state, due, id);
CREATE INDEX question_row_case_idx ON question_row (case_id, due, id);
CREATE INDEX question_row_country_idx ON question_row (country, due, id);
CREATE INDEX question_row_party_idx ON question_row (party, due, id);
CREATE INDEX question_row_due_idx ON question_row (due, id);

ALTER TABLE evidence_row ADD COLUMN kind text NOT NULL DEFAULT '';
