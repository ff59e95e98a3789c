-- +goose Up
-- Check codes of versions of licences that a later one has taken the place of.
CREATE TABLE licence_code (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	licence_id TEXT NOT NULL,
	valid_until TEXT NOT NULL
) STRICT;
CREATE INDEX licence_code_stream ON licence_code (stream);
CREATE INDEX licence_code_until ON licence_code (valid_until);

-- Duties are owed under a licence, or under an undertaking.
ALTER TABLE licence_duty ADD COLUMN kind TEXT NOT NULL DEFAULT 'licence';
