-- +goose Up
-- What states say to each other: every signed envelope that this node made or
-- took in. The ledger holds the count and the root of each batch; verify
-- computes them anew from these rows.
CREATE TABLE envelope (
	seq INTEGER PRIMARY KEY,
	id TEXT NOT NULL UNIQUE,
	stream TEXT NOT NULL,
	n INTEGER NOT NULL,
	own INTEGER NOT NULL,
	sender TEXT NOT NULL,
	issuer TEXT NOT NULL,
	purpose TEXT NOT NULL,
	object TEXT NOT NULL,
	version INTEGER NOT NULL,
	kind TEXT NOT NULL,
	tlp TEXT NOT NULL,
	about TEXT NOT NULL,
	word TEXT NOT NULL,
	state TEXT NOT NULL,
	payload BLOB NOT NULL,
	came INTEGER NOT NULL,
	witnessed INTEGER,
	leaf INTEGER,
	sealed BLOB
) STRICT;
CREATE INDEX envelope_stream_idx ON envelope (stream, n);
CREATE INDEX envelope_object_idx ON envelope (object, purpose, version);
CREATE INDEX envelope_list_idx ON envelope (own, purpose, state, seq);
CREATE INDEX envelope_about_idx ON envelope (about, word) WHERE about <> '';
CREATE INDEX envelope_unlogged_idx ON envelope (seq) WHERE own = 1 AND leaf IS NULL;
-- To whom an envelope of ours is addressed.
CREATE TABLE envelope_to (
	state TEXT NOT NULL,
	seq INTEGER NOT NULL,
	PRIMARY KEY (state, seq)
) STRICT, WITHOUT ROWID;
-- The tree of the log, in blocks of node hashes, and its signed heads.
CREATE TABLE log_block (
	n INTEGER PRIMARY KEY,
	hashes BLOB NOT NULL
) STRICT;
CREATE TABLE log_head (
	size INTEGER PRIMARY KEY,
	root BLOB NOT NULL,
	note TEXT NOT NULL,
	time INTEGER NOT NULL
) STRICT;
-- Proofs that an issuer said two things that can't both be.
CREATE TABLE alarm_row (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	issuer TEXT NOT NULL,
	object TEXT NOT NULL,
	version INTEGER NOT NULL,
	at INTEGER NOT NULL
) STRICT;
CREATE INDEX alarm_row_stream ON alarm_row (stream);
CREATE INDEX alarm_row_at_idx ON alarm_row (at, id);
-- What an envelope is about, as keyed hashes of names and numbers: a name is
-- found by whoever knows it, and can't be read from here.
CREATE TABLE envelope_mark (
	mark TEXT NOT NULL,
	seq INTEGER NOT NULL,
	PRIMARY KEY (mark, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX envelope_mark_seq_idx ON envelope_mark (seq);
-- What we say to other states.
CREATE TABLE paper_row (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	kind TEXT NOT NULL,
	state TEXT NOT NULL,
	title TEXT NOT NULL,
	tlp TEXT NOT NULL,
	audience INTEGER NOT NULL,
	case_id TEXT NOT NULL,
	writer TEXT NOT NULL,
	changed INTEGER NOT NULL
) STRICT;
CREATE INDEX paper_row_stream ON paper_row (stream);
CREATE INDEX paper_row_changed_idx ON paper_row (changed, id);
CREATE INDEX paper_row_case_idx ON paper_row (case_id);
