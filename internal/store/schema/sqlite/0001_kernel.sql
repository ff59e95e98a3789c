-- +goose Up
CREATE TABLE ledger_head (
	one INTEGER PRIMARY KEY CHECK (one = 1),
	seq INTEGER NOT NULL,
	time INTEGER NOT NULL,
	hash BLOB NOT NULL,
	generation INTEGER NOT NULL
) STRICT;
INSERT INTO ledger_head (one, seq, time, hash, generation) VALUES (1, 0, 0, zeroblob(32), 0);

-- record is the whole event; stream and version are there to be found by.
CREATE TABLE ledger_event (
	seq INTEGER PRIMARY KEY,
	stream TEXT NOT NULL,
	version INTEGER NOT NULL,
	record BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX ledger_event_stream ON ledger_event (stream, version);

CREATE TABLE ledger_block (n INTEGER PRIMARY KEY, hashes BLOB NOT NULL) STRICT;
CREATE TABLE ledger_checkpoint (size INTEGER PRIMARY KEY, root BLOB NOT NULL, note TEXT NOT NULL, time INTEGER NOT NULL) STRICT;

CREATE TABLE seal_key (owner TEXT PRIMARY KEY, epoch TEXT NOT NULL, wrapped BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX seal_key_epoch ON seal_key (epoch, owner);
CREATE TABLE erased (owner TEXT PRIMARY KEY, time INTEGER NOT NULL, rule TEXT NOT NULL, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE stream (
	id TEXT PRIMARY KEY,
	kind TEXT NOT NULL,
	version INTEGER NOT NULL,
	state BLOB NOT NULL
) STRICT;
CREATE INDEX stream_kind ON stream (kind, id);

CREATE TABLE search (
	n INTEGER PRIMARY KEY,
	id TEXT NOT NULL UNIQUE,
	stream TEXT NOT NULL,
	kind TEXT NOT NULL,
	org TEXT NOT NULL,
	compartment TEXT NOT NULL,
	title TEXT NOT NULL,
	text TEXT NOT NULL
) STRICT;
CREATE INDEX search_stream ON search (stream);
CREATE VIRTUAL TABLE search_text USING fts5(text, content='search', content_rowid='n', tokenize='unicode61');
-- +goose StatementBegin
CREATE TRIGGER search_insert AFTER INSERT ON search BEGIN
	INSERT INTO search_text (rowid, text) VALUES (new.n, new.text);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER search_delete AFTER DELETE ON search BEGIN
	INSERT INTO search_text (search_text, rowid, text) VALUES ('delete', old.n, old.text);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER search_update AFTER UPDATE OF text ON search WHEN old.text <> new.text BEGIN
	INSERT INTO search_text (search_text, rowid, text) VALUES ('delete', old.n, old.text);
	INSERT INTO search_text (rowid, text) VALUES (new.n, new.text);
END;
-- +goose StatementEnd

CREATE TABLE job (
	id TEXT PRIMARY KEY,
	kind TEXT NOT NULL,
	key TEXT UNIQUE,
	body BLOB NOT NULL,
	state TEXT NOT NULL,
	run_at INTEGER NOT NULL,
	leased_until INTEGER,
	attempts INTEGER NOT NULL,
	last_error TEXT NOT NULL,
	changed INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX job_due ON job (state, run_at, id);

CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE idempotency (key TEXT PRIMARY KEY, actor TEXT NOT NULL, answer BLOB NOT NULL, time INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_time ON idempotency (time);

CREATE TABLE vault_object (
	id TEXT PRIMARY KEY,
	owner TEXT NOT NULL,
	media_type TEXT NOT NULL,
	size INTEGER NOT NULL,
	commitment BLOB NOT NULL,
	cipher TEXT NOT NULL,
	epoch TEXT NOT NULL,
	wrapped BLOB,
	created INTEGER NOT NULL,
	destroyed INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX vault_object_owner ON vault_object (owner, id);
CREATE INDEX vault_object_epoch ON vault_object (epoch, id);
CREATE INDEX vault_object_cipher ON vault_object (cipher);

CREATE TABLE org_row (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	name TEXT NOT NULL,
	kind TEXT NOT NULL,
	country TEXT NOT NULL,
	registry TEXT UNIQUE,
	status TEXT NOT NULL,
	find TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX org_row_stream ON org_row (stream);
CREATE INDEX org_row_name ON org_row (name, id);
CREATE TABLE account_row (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	name TEXT NOT NULL UNIQUE,
	display TEXT NOT NULL,
	org TEXT NOT NULL,
	status TEXT NOT NULL,
	roles TEXT NOT NULL,
	find TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX account_row_stream ON account_row (stream);
CREATE INDEX account_row_org ON account_row (org, id);
CREATE INDEX account_row_display ON account_row (display, id);

CREATE TABLE credential (
	account TEXT PRIMARY KEY,
	password TEXT NOT NULL,
	totp BLOB,
	totp_step INTEGER NOT NULL,
	failures INTEGER NOT NULL,
	locked_until INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE session (
	token BLOB PRIMARY KEY,
	account TEXT NOT NULL,
	second_factor INTEGER NOT NULL,
	created INTEGER NOT NULL,
	seen INTEGER NOT NULL,
	expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_account ON session (account);
CREATE INDEX session_expires ON session (expires);

CREATE TABLE sealed_in (owner TEXT NOT NULL, stream TEXT NOT NULL, PRIMARY KEY (owner, stream)) STRICT, WITHOUT ROWID;

-- What nightly and asked-for verifications of the ledger found.
CREATE TABLE verification (
	id TEXT PRIMARY KEY,
	began INTEGER NOT NULL,
	ended INTEGER NOT NULL,
	entries INTEGER NOT NULL,
	checkpoints INTEGER NOT NULL,
	streams INTEGER NOT NULL,
	head BLOB NOT NULL,
	damage TEXT NOT NULL
) STRICT, WITHOUT ROWID;
