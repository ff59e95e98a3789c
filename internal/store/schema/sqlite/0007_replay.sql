-- +goose Up
-- Replays of past decisions that people asked for: how far they are and what
-- they came to, for whoever asked.
CREATE TABLE policy_replay (
	id TEXT PRIMARY KEY,
	account TEXT NOT NULL,
	version TEXT NOT NULL,
	since TEXT NOT NULL,
	began INTEGER NOT NULL,
	ended INTEGER,
	done INTEGER NOT NULL,
	total INTEGER NOT NULL,
	problem TEXT NOT NULL,
	result BLOB
) STRICT, WITHOUT ROWID;
CREATE INDEX policy_replay_account_idx ON policy_replay (account, version, id);
CREATE INDEX policy_replay_began_idx ON policy_replay (began);
