-- +goose Up
CREATE TABLE ledger_head (
	one bigint PRIMARY KEY CHECK (one = 1),
	seq bigint NOT NULL,
	time bigint NOT NULL,
	hash bytea NOT NULL,
	generation bigint NOT NULL
);
INSERT INTO ledger_head (one, seq, time, hash, generation) VALUES (1, 0, 0, decode(repeat('00', 32), 'hex'), 0);

-- record is the whole event; stream and version are there to be found by.
CREATE TABLE ledger_event (
	seq bigint PRIMARY KEY,
	stream text NOT NULL,
	version bigint NOT NULL,
	record bytea NOT NULL
);
CREATE UNIQUE INDEX ledger_event_stream ON ledger_event (stream, version);

CREATE TABLE ledger_block (n bigint PRIMARY KEY, hashes bytea NOT NULL);
CREATE TABLE ledger_checkpoint (size bigint PRIMARY KEY, root bytea NOT NULL, note text NOT NULL, time bigint NOT NULL);

CREATE TABLE seal_key (owner text PRIMARY KEY, epoch text NOT NULL, wrapped bytea NOT NULL);
CREATE INDEX seal_key_epoch ON seal_key (epoch, owner);
CREATE TABLE erased (owner text PRIMARY KEY, time bigint NOT NULL, rule text NOT NULL, seq bigint NOT NULL);

CREATE TABLE stream (
	id text PRIMARY KEY,
	kind text NOT NULL,
	version bigint NOT NULL,
	state bytea NOT NULL
);
CREATE INDEX stream_kind ON stream (kind, id);

CREATE TABLE search (
	n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	id text NOT NULL UNIQUE,
	stream text NOT NULL,
	kind text NOT NULL,
	org text NOT NULL,
	compartment text NOT NULL,
	title text NOT NULL,
	text text NOT NULL
);
CREATE INDEX search_stream ON search (stream);
ALTER TABLE search ADD COLUMN words tsvector GENERATED ALWAYS AS (to_tsvector('simple', text)) STORED;
CREATE INDEX search_words ON search USING gin (words);

CREATE TABLE job (
	id text PRIMARY KEY,
	kind text NOT NULL,
	key text UNIQUE,
	body bytea NOT NULL,
	state text NOT NULL,
	run_at bigint NOT NULL,
	leased_until bigint,
	attempts bigint NOT NULL,
	last_error text NOT NULL,
	changed bigint NOT NULL
);
CREATE INDEX job_due ON job (state, run_at, id);

CREATE TABLE counter (name text PRIMARY KEY, value bigint NOT NULL);
CREATE TABLE idempotency (key text PRIMARY KEY, actor text NOT NULL, answer bytea NOT NULL, time bigint NOT NULL);
CREATE INDEX idempotency_time ON idempotency (time);

CREATE TABLE vault_object (
	id text PRIMARY KEY,
	owner text NOT NULL,
	media_type text NOT NULL,
	size bigint NOT NULL,
	commitment bytea NOT NULL,
	cipher text NOT NULL,
	epoch text NOT NULL,
	wrapped bytea,
	created bigint NOT NULL,
	destroyed bigint
);
CREATE INDEX vault_object_owner ON vault_object (owner, id);
CREATE INDEX vault_object_epoch ON vault_object (epoch, id);
CREATE INDEX vault_object_cipher ON vault_object (cipher);

CREATE TABLE org_row (
	id text PRIMARY KEY,
	stream text NOT NULL,
	name text NOT NULL,
	kind text NOT NULL,
	country text NOT NULL,
	registry text UNIQUE,
	status text NOT NULL,
	find text NOT NULL
);
CREATE INDEX org_row_stream ON org_row (stream);
CREATE INDEX org_row_name ON org_row (name, id);
CREATE TABLE account_row (
	id text PRIMARY KEY,
	stream text NOT NULL,
	name text NOT NULL UNIQUE,
	display text NOT NULL,
	org text NOT NULL,
	status text NOT NULL,
	roles text NOT NULL,
	find text NOT NULL
);
CREATE INDEX account_row_stream ON account_row (stream);
CREATE INDEX account_row_org ON account_row (org, id);
CREATE INDEX account_row_display ON account_row (display, id);

CREATE TABLE credential (
	account text PRIMARY KEY,
	password text NOT NULL,
	totp bytea,
	totp_step bigint NOT NULL,
	failures bigint NOT NULL,
	locked_until bigint
);
CREATE TABLE session (
	token bytea PRIMARY KEY,
	account text NOT NULL,
	second_factor bigint NOT NULL,
	created bigint NOT NULL,
	seen bigint NOT NULL,
	expires bigint NOT NULL
);
CREATE INDEX session_account ON session (account);
CREATE INDEX session_expires ON session (expires);

CREATE TABLE sealed_in (owner text NOT NULL, stream text NOT NULL, PRIMARY KEY (owner, stream));

-- What nightly and asked-for verifications of the ledger found.
CREATE TABLE verification (
	id text PRIMARY KEY,
	began bigint NOT NULL,
	ended bigint NOT NULL,
	entries bigint NOT NULL,
	checkpoints bigint NOT NULL,
	streams bigint NOT NULL,
	head bytea NOT NULL,
	damage text NOT NULL
);
