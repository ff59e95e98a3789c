-- +goose Up
-- What others publish, in collections that are local to this node.
CREATE TABLE collection_row (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	number INTEGER NOT NULL,
	title TEXT NOT NULL,
	about TEXT NOT NULL,
	closed INTEGER NOT NULL
) STRICT;
CREATE INDEX collection_row_stream ON collection_row (stream);
CREATE TABLE collection_account (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	collection TEXT NOT NULL,
	account TEXT NOT NULL
) STRICT;
CREATE INDEX collection_account_stream ON collection_account (stream);
CREATE INDEX collection_account_account_idx ON collection_account (account, collection);
CREATE TABLE import_row (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	number INTEGER NOT NULL,
	collection TEXT NOT NULL,
	way TEXT NOT NULL,
	owner TEXT NOT NULL,
	source TEXT NOT NULL,
	licence TEXT NOT NULL,
	admiralty TEXT NOT NULL,
	name TEXT NOT NULL,
	document TEXT NOT NULL,
	total INTEGER NOT NULL,
	count INTEGER NOT NULL,
	held INTEGER NOT NULL,
	removed INTEGER NOT NULL,
	last INTEGER NOT NULL
) STRICT;
CREATE INDEX import_row_stream ON import_row (stream);
CREATE INDEX import_row_number_idx ON import_row (number);
CREATE INDEX import_row_collection_idx ON import_row (collection, number);
-- The objects. seq is the collection's number times 2^40 and the place in it, so
-- that a collection lies together and is read in order. key is the beginning of a
-- hash of the object's id. What is removed keeps its commitment in place of the
-- content: verify goes through the chain of each import.
CREATE TABLE import_object (
	seq INTEGER PRIMARY KEY,
	import INTEGER NOT NULL,
	n INTEGER NOT NULL,
	key INTEGER NOT NULL,
	object TEXT NOT NULL,
	kind TEXT NOT NULL,
	version INTEGER NOT NULL,
	added INTEGER NOT NULL,
	state INTEGER NOT NULL,
	first INTEGER NOT NULL,
	last INTEGER NOT NULL,
	why TEXT NOT NULL,
	sealed BLOB NOT NULL
) STRICT;
CREATE INDEX import_object_key_idx ON import_object (key);
CREATE INDEX import_object_kind_idx ON import_object (kind, seq);
CREATE INDEX import_object_import_idx ON import_object (import, n);
CREATE INDEX import_object_aside_idx ON import_object (import, n) WHERE state IN (1, 2);
-- Whom an object names, as keyed hashes.
CREATE TABLE import_mark (
	mark TEXT NOT NULL,
	seq INTEGER NOT NULL,
	PRIMARY KEY (mark, seq)
) STRICT, WITHOUT ROWID;
-- What became of what accounts posted, for them alone.
CREATE TABLE import_status (
	id TEXT PRIMARY KEY,
	account TEXT NOT NULL,
	body TEXT NOT NULL,
	at INTEGER NOT NULL
) STRICT;
CREATE INDEX import_status_at_idx ON import_status (at);
