-- +goose Up
ALTER TABLE list_version_row ADD COLUMN report_at text NOT NULL DEFAULT '';

-- Screenings outside a case: counted by person, month, role and purpose. Names
-- that were searched are nowhere in it.
CREATE TABLE screening_month (
	id text PRIMARY KEY,
	stream text NOT NULL,
	account text NOT NULL,
	month text NOT NULL,
	role text NOT NULL,
	purpose text NOT NULL,
	runs bigint NOT NULL,
	queries bigint NOT NULL,
	with_hits bigint NOT NULL
);
CREATE INDEX screening_month_stream ON screening_month (stream);
CREATE INDEX screening_month_month_idx ON screening_month (month, purpose, role);

-- What a source's server said of the copy at hand, so that an update asks only
-- for what is new. Working state: losing it costs one full fetch.
CREATE TABLE list_fetch (
	list text NOT NULL,
	file text NOT NULL,
	etag text NOT NULL,
	modified text NOT NULL,
	fetched bigint NOT NULL,
	PRIMARY KEY (list, file)
);
