-- +goose Up
-- Decided cases whose parties are watched: how many hits that came up after the
-- decision wait for a person, and since when.
CREATE TABLE watch_row (
	id text PRIMARY KEY,
	stream text NOT NULL,
	case_id text NOT NULL,
	open bigint NOT NULL,
	since bigint
);
CREATE INDEX watch_row_stream ON watch_row (stream);
CREATE INDEX watch_row_open_idx ON watch_row (since, case_id) WHERE open > 0;
