-- +goose Up
-- What stops at the border revealed to be missing in instruments of the register.
CREATE TABLE stop_gap (
	id text PRIMARY KEY,
	stream text NOT NULL,
	stop text NOT NULL,
	reference text NOT NULL,
	instrument text NOT NULL,
	at bigint NOT NULL
);
CREATE INDEX stop_gap_stream ON stop_gap (stream);
CREATE INDEX stop_gap_instrument_idx ON stop_gap (instrument, at, id);
