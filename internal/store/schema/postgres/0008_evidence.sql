-- +goose Up
-- The library of evidence, the briefs made of it, and what rests on it.
CREATE TABLE evidence_row (
	id text PRIMARY KEY,
	stream text NOT NULL,
	country text NOT NULL,
	party text NOT NULL,
	compartment text NOT NULL,
	marking text NOT NULL,
	grade text NOT NULL,
	title text NOT NULL,
	source text NOT NULL,
	published text NOT NULL,
	expires text NOT NULL,
	withdrawn bigint NOT NULL,
	changed bigint NOT NULL
);
CREATE INDEX evidence_row_stream ON evidence_row (stream);
CREATE INDEX evidence_row_changed_idx ON evidence_row (changed, id);
CREATE INDEX evidence_row_country_changed_idx ON evidence_row (country, changed, id);
CREATE INDEX evidence_row_party_changed_idx ON evidence_row (party, changed, id);
CREATE INDEX evidence_row_expires_idx ON evidence_row (expires, id);
CREATE INDEX evidence_row_withdrawn_changed_idx ON evidence_row (withdrawn, changed, id);

CREATE TABLE brief_row (
	id text PRIMARY KEY,
	stream text NOT NULL,
	about text NOT NULL,
	subject text NOT NULL,
	place text NOT NULL UNIQUE,
	compartment text NOT NULL,
	marking text NOT NULL,
	review_by text NOT NULL,
	law bigint NOT NULL,
	law_version bigint NOT NULL,
	changed bigint NOT NULL
);
CREATE INDEX brief_row_stream ON brief_row (stream);
CREATE INDEX brief_row_about_review_by_idx ON brief_row (about, review_by, id);
CREATE INDEX brief_row_review_by_idx ON brief_row (review_by, id);
CREATE INDEX brief_row_subject_idx ON brief_row (subject);

CREATE TABLE brief_source (
	id text PRIMARY KEY,
	stream text NOT NULL,
	brief text NOT NULL,
	item text NOT NULL
);
CREATE INDEX brief_source_stream ON brief_source (stream);
CREATE INDEX brief_source_item_idx ON brief_source (item, brief);

-- Facts of cases that rest on an item of the library.
CREATE TABLE assessment_source (
	id text PRIMARY KEY,
	stream text NOT NULL,
	case_id text NOT NULL,
	fact text NOT NULL,
	name text NOT NULL,
	item text NOT NULL,
	stands bigint NOT NULL
);
CREATE INDEX assessment_source_stream ON assessment_source (stream);
CREATE INDEX assessment_source_item_idx ON assessment_source (item, case_id);

-- The portfolio is counted from this index alone.
CREATE INDEX case_row_portfolio_idx ON case_row (destination, severity, stage_group, outcome, compartment, org);
