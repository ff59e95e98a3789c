-- +goose Up
-- Files of parties that people had screened. Working state: a file and its
-- results are kept for a while, under the keys of the vault, and then dropped;
-- that it was searched stands in the ledger.
CREATE TABLE screen_file (
	id text PRIMARY KEY,
	account text NOT NULL,
	name text NOT NULL,
	format text NOT NULL,
	purpose text NOT NULL,
	about text NOT NULL,
	object text NOT NULL,
	result text NOT NULL,
	state text NOT NULL,
	total bigint NOT NULL,
	done bigint NOT NULL,
	with_hits bigint NOT NULL,
	problems bigint NOT NULL,
	searched text NOT NULL,
	created bigint NOT NULL
);
CREATE INDEX screen_file_account_idx ON screen_file (account, id);
CREATE INDEX screen_file_created_idx ON screen_file (created, id);
