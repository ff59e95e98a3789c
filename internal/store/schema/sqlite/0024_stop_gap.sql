-- +goose Up
-- What stops at the border revealed to be missing in instruments of the register.
CREATE TABLE stop_gap (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	stop TEXT NOT NULL,
	reference TEXT NOT NULL,
	instrument TEXT NOT NULL,
	at INTEGER NOT NULL
) STRICT;
CREATE INDEX stop_gap_stream ON stop_gap (stream);
CREATE INDEX stop_gap_instrument_idx ON stop_gap (instrument, at, id);
