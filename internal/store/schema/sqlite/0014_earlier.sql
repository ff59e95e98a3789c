-- +goose Up
-- The end user's names of each case: earlier cases of the same user are found by
-- the whole name. A column with all names in one could only be searched by words.
ALTER TABLE case_row DROP COLUMN end_user_search;
CREATE TABLE case_user_name (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	case_id TEXT NOT NULL,
	name_search TEXT NOT NULL
) STRICT;
CREATE INDEX case_user_name_stream ON case_user_name (stream);
CREATE INDEX case_user_name_search_idx ON case_user_name (name_search, case_id);
-- Cases of the same listed entry, and assurances of a giver, the latest first.
DROP INDEX assessment_hits_list_entry_idx;
CREATE INDEX assessment_hits_same_idx ON assessment_hits (list, entry, case_id) WHERE outcome = 'same';
CREATE INDEX case_assurance_register_sought_idx ON case_assurance (register, sought, id);

-- The kind is a word of the index too, one that nobody can ask for, so that a
-- search for a rare kind does not read what it finds of the others. Texts are
-- folded before they come here; all that is left to tell apart is words.
DROP TRIGGER search_insert;
DROP TRIGGER search_delete;
DROP TRIGGER search_update;
DROP TABLE search_text;
CREATE VIEW search_words AS SELECT n, '§' || kind || ' ' || text AS text FROM search;
CREATE VIRTUAL TABLE search_text USING fts5(text, content='search_words', content_rowid='n', tokenize='ascii', columnsize=0);
INSERT INTO search_text (search_text) VALUES ('rebuild');
-- +goose StatementBegin
CREATE TRIGGER search_insert AFTER INSERT ON search BEGIN
	INSERT INTO search_text (rowid, text) VALUES (new.n, '§' || new.kind || ' ' || new.text);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER search_delete AFTER DELETE ON search BEGIN
	INSERT INTO search_text (search_text, rowid, text) VALUES ('delete', old.n, '§' || old.kind || ' ' || old.text);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER search_update AFTER UPDATE OF text ON search WHEN old.text <> new.text BEGIN
	INSERT INTO search_text (search_text, rowid, text) VALUES ('delete', old.n, '§' || old.kind || ' ' || old.text);
	INSERT INTO search_text (rowid, text) VALUES (new.n, '§' || new.kind || ' ' || new.text);
END;
-- +goose StatementEnd
