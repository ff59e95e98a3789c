-- +goose Up
-- What is remembered of other states' nodes: how far their outboxes were read,
-- and how it went.
CREATE TABLE exchange_peer (
	state TEXT PRIMARY KEY,
	cursor TEXT NOT NULL,
	reached INTEGER,
	failed INTEGER,
	why TEXT NOT NULL,
	skew INTEGER NOT NULL,
	refused INTEGER NOT NULL,
	refusal TEXT NOT NULL
) STRICT;
-- Whom is there something new for?
CREATE INDEX envelope_to_seq_idx ON envelope_to (seq);
-- What still lacks a quorum's word?
CREATE INDEX envelope_unwitnessed_idx ON envelope (issuer, seq) WHERE own = 0 AND witnessed IS NULL;
