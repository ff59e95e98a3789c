-- +goose Up
-- The end user's names of each case: earlier cases of the same user are found by
-- the whole name. A column with all names in one could only be searched by words.
ALTER TABLE case_row DROP COLUMN end_user_search;
CREATE TABLE case_user_name (
	id text PRIMARY KEY,
	stream text NOT NULL,
	case_id text NOT NULL,
	name_search text NOT NULL
);
CREATE INDEX case_user_name_stream ON case_user_name (stream);
CREATE INDEX case_user_name_search_idx ON case_user_name (name_search, case_id);
-- Cases of the same listed entry, and assurances of a giver, the latest first.
DROP INDEX assessment_hits_list_entry_idx;
CREATE INDEX assessment_hits_same_idx ON assessment_hits (list, entry, case_id) WHERE outcome = 'same';
CREATE INDEX case_assurance_register_sought_idx ON case_assurance (register, sought, id);

-- One index of words for each kind, so that a search for a rare kind does not
-- read what it finds of the others.
DROP INDEX search_words;
CREATE INDEX search_words_case ON search USING gin (words) WHERE kind = 'case';
CREATE INDEX search_words_licence ON search USING gin (words) WHERE kind = 'licence';
CREATE INDEX search_words_party ON search USING gin (words) WHERE kind = 'party';
CREATE INDEX search_words_evidence ON search USING gin (words) WHERE kind = 'evidence';
