-- +goose Up
-- Replays of past decisions that people asked for: how far they are and what
-- they came to, for whoever asked.
CREATE TABLE policy_replay (
	id TEXT PRIMARY KEY,
	account TEXT NOT NULL,
	version TEXT NOT NULL,
	since TEXT NOT NULL,
	began BIGINT NOT NULL,
	ended BIGINT,
	done BIGINT NOT NULL,
	total BIGINT NOT NULL,
	problem TEXT NOT NULL,
	result BYTEA
);
CREATE INDEX policy_replay_account_idx ON policy_replay (account, version, id);
CREATE INDEX policy_replay_began_idx ON policy_replay (began);
