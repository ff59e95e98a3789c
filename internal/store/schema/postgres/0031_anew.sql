-- +goose Up
-- Decisions after the first, and appeals. What was decided first is counted
-- first, whatever is in force now.
ALTER TABLE case_row ADD COLUMN first_outcome TEXT NOT NULL DEFAULT '';
UPDATE case_row SET first_outcome = outcome;
ALTER TABLE case_line ADD COLUMN first_outcome TEXT NOT NULL DEFAULT '';
UPDATE case_line SET first_outcome = outcome;
ALTER TABLE case_ground ADD COLUMN decision BIGINT NOT NULL DEFAULT 1;
CREATE TABLE case_again (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	case_id TEXT NOT NULL,
	number BIGINT NOT NULL,
	way TEXT NOT NULL,
	outcome TEXT NOT NULL,
	at BIGINT NOT NULL
);
CREATE INDEX case_again_stream ON case_again (stream);
CREATE INDEX case_again_at_idx ON case_again (at, case_id);
CREATE TABLE case_appeal (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	case_id TEXT NOT NULL,
	number BIGINT NOT NULL,
	lodged BIGINT NOT NULL,
	ended BIGINT,
	result TEXT NOT NULL
);
CREATE INDEX case_appeal_stream ON case_appeal (stream);
CREATE INDEX case_appeal_ended_idx ON case_appeal (ended, case_id);
