-- +goose Up
-- What states say to each other: every signed envelope that this node made or
-- took in. The ledger holds the count and the root of each batch; verify
-- computes them anew from these rows.
CREATE TABLE envelope (
	seq bigint PRIMARY KEY,
	id text NOT NULL UNIQUE,
	stream text NOT NULL,
	n bigint NOT NULL,
	own bigint NOT NULL,
	sender text NOT NULL,
	issuer text NOT NULL,
	purpose text NOT NULL,
	object text NOT NULL,
	version bigint NOT NULL,
	kind text NOT NULL,
	tlp text NOT NULL,
	about text NOT NULL,
	word text NOT NULL,
	state text NOT NULL,
	payload bytea NOT NULL,
	came bigint NOT NULL,
	witnessed bigint,
	leaf bigint,
	sealed bytea
);
CREATE INDEX envelope_stream_idx ON envelope (stream, n);
CREATE INDEX envelope_object_idx ON envelope (object, purpose, version);
CREATE INDEX envelope_list_idx ON envelope (own, purpose, state, seq);
CREATE INDEX envelope_about_idx ON envelope (about, word) WHERE about <> '';
CREATE INDEX envelope_unlogged_idx ON envelope (seq) WHERE own = 1 AND leaf IS NULL;
-- To whom an envelope of ours is addressed.
CREATE TABLE envelope_to (
	state text NOT NULL,
	seq bigint NOT NULL,
	PRIMARY KEY (state, seq)
);
-- The tree of the log, in blocks of node hashes, and its signed heads.
CREATE TABLE log_block (
	n bigint PRIMARY KEY,
	hashes bytea NOT NULL
);
CREATE TABLE log_head (
	size bigint PRIMARY KEY,
	root bytea NOT NULL,
	note text NOT NULL,
	time bigint NOT NULL
);
-- Proofs that an issuer said two things that can't both be.
CREATE TABLE alarm_row (
	id text PRIMARY KEY,
	stream text NOT NULL,
	issuer text NOT NULL,
	object text NOT NULL,
	version bigint NOT NULL,
	at bigint NOT NULL
);
CREATE INDEX alarm_row_stream ON alarm_row (stream);
CREATE INDEX alarm_row_at_idx ON alarm_row (at, id);
-- What an envelope is about, as keyed hashes of names and numbers: a name is
-- found by whoever knows it, and can't be read from here.
CREATE TABLE envelope_mark (
	mark text NOT NULL,
	seq bigint NOT NULL,
	PRIMARY KEY (mark, seq)
);
CREATE INDEX envelope_mark_seq_idx ON envelope_mark (seq);
-- What we say to other states.
CREATE TABLE paper_row (
	id text PRIMARY KEY,
	stream text NOT NULL,
	kind text NOT NULL,
	state text NOT NULL,
	title text NOT NULL,
	tlp text NOT NULL,
	audience bigint NOT NULL,
	case_id text NOT NULL,
	writer text NOT NULL,
	changed bigint NOT NULL
);
CREATE INDEX paper_row_stream ON paper_row (stream);
CREATE INDEX paper_row_changed_idx ON paper_row (changed, id);
CREATE INDEX paper_row_case_idx ON paper_row (case_id);
