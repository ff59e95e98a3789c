-- +goose Up
-- The library of evidence, the briefs made of it, and what rests on it.
CREATE TABLE evidence_row (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	country TEXT NOT NULL,
	party TEXT NOT NULL,
	compartment TEXT NOT NULL,
	marking TEXT NOT NULL,
	grade TEXT NOT NULL,
	title TEXT NOT NULL,
	source TEXT NOT NULL,
	published TEXT NOT NULL,
	expires TEXT NOT NULL,
	withdrawn INTEGER NOT NULL,
	changed INTEGER NOT NULL
) STRICT;
CREATE INDEX evidence_row_stream ON evidence_row (stream);
CREATE INDEX evidence_row_changed_idx ON evidence_row (changed, id);
CREATE INDEX evidence_row_country_changed_idx ON evidence_row (country, changed, id);
CREATE INDEX evidence_row_party_changed_idx ON evidence_row (party, changed, id);
CREATE INDEX evidence_row_expires_idx ON evidence_row (expires, id);
CREATE INDEX evidence_row_withdrawn_changed_idx ON evidence_row (withdrawn, changed, id);

CREATE TABLE brief_row (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	about TEXT NOT NULL,
	subject TEXT NOT NULL,
	place TEXT NOT NULL UNIQUE,
	compartment TEXT NOT NULL,
	marking TEXT NOT NULL,
	review_by TEXT NOT NULL,
	law INTEGER NOT NULL,
	law_version INTEGER NOT NULL,
	changed INTEGER NOT NULL
) STRICT;
CREATE INDEX brief_row_stream ON brief_row (stream);
CREATE INDEX brief_row_about_review_by_idx ON brief_row (about, review_by, id);
CREATE INDEX brief_row_review_by_idx ON brief_row (review_by, id);
CREATE INDEX brief_row_subject_idx ON brief_row (subject);

CREATE TABLE brief_source (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	brief TEXT NOT NULL,
	item TEXT NOT NULL
) STRICT;
CREATE INDEX brief_source_stream ON brief_source (stream);
CREATE INDEX brief_source_item_idx ON brief_source (item, brief);

-- Facts of cases that rest on an item of the library.
CREATE TABLE assessment_source (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	case_id TEXT NOT NULL,
	fact TEXT NOT NULL,
	name TEXT NOT NULL,
	item TEXT NOT NULL,
	stands INTEGER NOT NULL
) STRICT;
CREATE INDEX assessment_source_stream ON assessment_source (stream);
CREATE INDEX assessment_source_item_idx ON assessment_source (item, case_id);

-- The portfolio is counted from this index alone.
CREATE INDEX case_row_portfolio_idx ON case_row (destination, severity, stage_group, outcome, compartment, org);
