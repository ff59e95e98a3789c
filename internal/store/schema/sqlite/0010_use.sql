-- +goose Up
ALTER TABLE licence_line ADD COLUMN used INTEGER NOT NULL DEFAULT 0;
-- Tariff codes are looked up by their digits, however they were typed.
CREATE INDEX licence_line_tariff_idx ON licence_line (replace(replace(tariff, '.', ''), ' ', ''), id);
CREATE INDEX case_line_tariff_idx ON case_line (replace(replace(tariff, '.', ''), ' ', ''), id) WHERE outcome = 'not_required';

-- All names of a party, aliases too.
ALTER TABLE case_party ADD COLUMN names TEXT NOT NULL DEFAULT '';

CREATE TABLE licence_use (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	licence_id TEXT NOT NULL,
	use TEXT NOT NULL,
	position INTEGER NOT NULL,
	declaration TEXT NOT NULL,
	office TEXT NOT NULL,
	outcome TEXT NOT NULL,
	left_at INTEGER NOT NULL,
	verified TEXT NOT NULL
) STRICT;
CREATE INDEX licence_use_stream ON licence_use (stream);
CREATE INDEX licence_use_licence_id_idx ON licence_use (licence_id, position);
CREATE INDEX licence_use_declaration_idx ON licence_use (declaration, id);

-- The identity of every customs message that was dealt with.
CREATE TABLE customs_message (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	licence_id TEXT NOT NULL,
	use TEXT NOT NULL,
	hash TEXT NOT NULL
) STRICT;
CREATE INDEX customs_message_stream ON customs_message (stream);

-- What customs are told of licences, in the order of the ledger.
CREATE TABLE licence_notice (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	licence_id TEXT NOT NULL,
	number INTEGER NOT NULL,
	position INTEGER NOT NULL
) STRICT;
CREATE INDEX licence_notice_stream ON licence_notice (stream);
CREATE INDEX licence_notice_number_idx ON licence_notice (number);

-- Shipments that customs stopped.
CREATE TABLE stop_row (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	reference TEXT NOT NULL UNIQUE,
	status TEXT NOT NULL,
	open INTEGER NOT NULL,
	declaration TEXT NOT NULL,
	goods TEXT NOT NULL,
	due INTEGER NOT NULL,
	gaps INTEGER NOT NULL
) STRICT;
CREATE INDEX stop_row_stream ON stop_row (stream);
CREATE INDEX stop_row_open_due_idx ON stop_row (open, due, id);
