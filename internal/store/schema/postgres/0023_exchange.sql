-- +goose Up
-- What is remembered of other states' nodes: how far their outboxes were read,
-- and how it went.
CREATE TABLE exchange_peer (
	state TEXT PRIMARY KEY,
	cursor TEXT NOT NULL,
	reached BIGINT,
	failed BIGINT,
	why TEXT NOT NULL,
	skew BIGINT NOT NULL,
	refused BIGINT NOT NULL,
	refusal TEXT NOT NULL
);
-- Whom is there something new for?
CREATE INDEX envelope_to_seq_idx ON envelope_to (seq);
-- What still lacks a quorum's word?
CREATE INDEX envelope_unwitnessed_idx ON envelope (issuer, seq) WHERE own = 0 AND witnessed IS NULL;
