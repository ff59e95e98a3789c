-- +goose Up
ALTER TABLE list_version_row ADD COLUMN report_at TEXT NOT NULL DEFAULT '';

-- Screenings outside a case: counted by person, month, role and purpose. Names
-- that were searched are nowhere in it.
CREATE TABLE screening_month (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	account TEXT NOT NULL,
	month TEXT NOT NULL,
	role TEXT NOT NULL,
	purpose TEXT NOT NULL,
	runs INTEGER NOT NULL,
	queries INTEGER NOT NULL,
	with_hits INTEGER NOT NULL
) STRICT;
CREATE INDEX screening_month_stream ON screening_month (stream);
CREATE INDEX screening_month_month_idx ON screening_month (month, purpose, role);

-- What a source's server said of the copy at hand, so that an update asks only
-- for what is new. Working state: losing it costs one full fetch.
CREATE TABLE list_fetch (
	list TEXT NOT NULL,
	file TEXT NOT NULL,
	etag TEXT NOT NULL,
	modified TEXT NOT NULL,
	fetched INTEGER NOT NULL,
	PRIMARY KEY (list, file)
) STRICT;
