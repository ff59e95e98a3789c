-- +goose Up
-- What people are told: working state, as read marks are. mail is '' for none,
-- 'daily' while it waits for the day's mail, else the mail that names it.
CREATE TABLE notice (
	id TEXT PRIMARY KEY,
	account TEXT NOT NULL,
	key TEXT NOT NULL UNIQUE,
	kind TEXT NOT NULL,
	said TEXT NOT NULL,
	about TEXT NOT NULL,
	stream TEXT NOT NULL,
	compartment TEXT NOT NULL,
	href TEXT NOT NULL,
	due TEXT NOT NULL,
	at INTEGER NOT NULL,
	read INTEGER,
	mail TEXT NOT NULL
) STRICT;
CREATE INDEX notice_account_idx ON notice (account, id);
CREATE INDEX notice_unread_idx ON notice (account) WHERE read IS NULL;
CREATE INDEX notice_mail_idx ON notice (mail, account, id) WHERE mail <> '';
CREATE INDEX notice_stream_idx ON notice (stream);
CREATE INDEX notice_at_idx ON notice (at);
-- How a person wants to be told; token is in the address by which a mail turns
-- mails down, and can do nothing else; daily is the day of the last daily mail.
CREATE TABLE notice_setting (
	account TEXT PRIMARY KEY,
	body BLOB NOT NULL,
	token TEXT NOT NULL UNIQUE,
	daily TEXT NOT NULL
) STRICT;
-- Mails and what became of them: never an address or a word of a server.
CREATE TABLE mail (
	id TEXT PRIMARY KEY,
	account TEXT NOT NULL,
	state TEXT NOT NULL,
	code INTEGER NOT NULL,
	at INTEGER NOT NULL,
	changed INTEGER NOT NULL
) STRICT;
CREATE INDEX mail_state_idx ON mail (state, changed, id);
CREATE INDEX mail_account_idx ON mail (account, changed);

-- Days by which people are reminded.
CREATE INDEX case_rfi_due_idx ON case_rfi (due, id) WHERE closed IS NULL;
CREATE INDEX case_assurance_expires_idx ON case_assurance (expires, id) WHERE expires <> '';
CREATE INDEX duty_row_due_idx ON duty_row (due, id);
