-- +goose Up
-- Files of parties that people had screened. Working state: a file and its
-- results are kept for a while, under the keys of the vault, and then dropped;
-- that it was searched stands in the ledger.
CREATE TABLE screen_file (
	id TEXT PRIMARY KEY,
	account TEXT NOT NULL,
	name TEXT NOT NULL,
	format TEXT NOT NULL,
	purpose TEXT NOT NULL,
	about TEXT NOT NULL,
	object TEXT NOT NULL,
	result TEXT NOT NULL,
	state TEXT NOT NULL,
	total INTEGER NOT NULL,
	done INTEGER NOT NULL,
	with_hits INTEGER NOT NULL,
	problems INTEGER NOT NULL,
	searched TEXT NOT NULL,
	created INTEGER NOT NULL
) STRICT;
CREATE INDEX screen_file_account_idx ON screen_file (account, id);
CREATE INDEX screen_file_created_idx ON screen_file (created, id);
