-- +goose Up
-- When a case ended: by its decision, or because the applicant withdrew it. Of
-- cases withdrawn before this column was there it is when they last changed.
ALTER TABLE case_row ADD COLUMN ended INTEGER;
UPDATE case_row SET ended = COALESCE(decided, CASE WHEN stage = 'withdrawn' THEN changed END);
CREATE INDEX case_row_ended_idx ON case_row (ended);

-- Why lines were refused.
CREATE TABLE case_ground (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	case_id TEXT NOT NULL,
	line TEXT NOT NULL,
	ground TEXT NOT NULL
) STRICT;
CREATE INDEX case_ground_stream ON case_ground (stream);
CREATE INDEX case_ground_case_id_idx ON case_ground (case_id);

-- The years of which figures were published.
CREATE TABLE statistics_row (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	editions INTEGER NOT NULL,
	published INTEGER NOT NULL,
	complete INTEGER NOT NULL
) STRICT;
CREATE INDEX statistics_row_stream ON statistics_row (stream);

-- Counts that people asked for.
CREATE TABLE statistics_run (
	id TEXT PRIMARY KEY,
	account TEXT NOT NULL,
	year INTEGER NOT NULL,
	public INTEGER NOT NULL,
	began INTEGER NOT NULL,
	ended INTEGER,
	problem TEXT NOT NULL,
	result BLOB
) STRICT, WITHOUT ROWID;
CREATE INDEX statistics_run_account_idx ON statistics_run (account, year, public, id);
CREATE INDEX statistics_run_began_idx ON statistics_run (began);
