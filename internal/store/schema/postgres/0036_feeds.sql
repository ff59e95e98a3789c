-- +goose Up
-- What is fetched again and again into a collection.
CREATE TABLE feed_row (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	collection TEXT NOT NULL,
	form TEXT NOT NULL,
	source TEXT NOT NULL,
	url TEXT NOT NULL,
	hours BIGINT NOT NULL,
	failures BIGINT NOT NULL,
	due BIGINT NOT NULL,
	last BIGINT NOT NULL,
	stopped BIGINT NOT NULL
);
CREATE INDEX feed_row_stream ON feed_row (stream);
CREATE INDEX feed_row_due_idx ON feed_row (stopped, due);
