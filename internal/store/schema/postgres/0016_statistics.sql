-- +goose Up
-- When a case ended: by its decision, or because the applicant withdrew it. Of
-- cases withdrawn before this column was there it is when they last changed.
ALTER TABLE case_row ADD COLUMN ended BIGINT;
UPDATE case_row SET ended = COALESCE(decided, CASE WHEN stage = 'withdrawn' THEN changed END);
CREATE INDEX case_row_ended_idx ON case_row (ended);

-- Why lines were refused.
CREATE TABLE case_ground (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	case_id TEXT NOT NULL,
	line TEXT NOT NULL,
	ground TEXT NOT NULL
);
CREATE INDEX case_ground_stream ON case_ground (stream);
CREATE INDEX case_ground_case_id_idx ON case_ground (case_id);

-- The years of which figures were published.
CREATE TABLE statistics_row (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	editions BIGINT NOT NULL,
	published BIGINT NOT NULL,
	complete BIGINT NOT NULL
);
CREATE INDEX statistics_row_stream ON statistics_row (stream);

-- Counts that people asked for.
CREATE TABLE statistics_run (
	id TEXT PRIMARY KEY,
	account TEXT NOT NULL,
	year BIGINT NOT NULL,
	public BIGINT NOT NULL,
	began BIGINT NOT NULL,
	ended BIGINT,
	problem TEXT NOT NULL,
	result BYTEA
);
CREATE INDEX statistics_run_account_idx ON statistics_run (account, year, public, id);
CREATE INDEX statistics_run_began_idx ON statistics_run (began);
