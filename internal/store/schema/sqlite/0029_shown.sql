-- +goose Up
-- What a licence is worth as its holder and the public know it: a suspension in an
-- emergency holds for customs at once, and is told at a fixed hour.
ALTER TABLE licence_row ADD COLUMN shown TEXT NOT NULL DEFAULT '';
UPDATE licence_row SET shown = status;
CREATE INDEX licence_row_shown_valid_until_idx ON licence_row (shown, valid_until);
