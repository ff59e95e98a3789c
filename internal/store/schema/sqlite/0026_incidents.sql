-- +goose Up
-- Incidents, and what they are tied to.
CREATE TABLE incident_row (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	reference TEXT NOT NULL,
	kind TEXT NOT NULL,
	urgency TEXT NOT NULL,
	title TEXT NOT NULL,
	compartment TEXT NOT NULL,
	open INTEGER NOT NULL,
	opened INTEGER NOT NULL
) STRICT;
CREATE INDEX incident_row_stream ON incident_row (stream);
CREATE INDEX incident_row_open_opened_idx ON incident_row (open, opened, id);

CREATE TABLE incident_link (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	incident_id TEXT NOT NULL,
	kind TEXT NOT NULL,
	ref TEXT NOT NULL,
	open INTEGER NOT NULL
) STRICT;
CREATE INDEX incident_link_stream ON incident_link (stream);
CREATE INDEX incident_link_ref_idx ON incident_link (kind, ref, open);

CREATE INDEX licence_row_destination_idx ON licence_row (destination, status, id);
