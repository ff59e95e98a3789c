-- +goose Up
CREATE TABLE case_row (
	id text PRIMARY KEY,
	stream text NOT NULL,
	reference text NOT NULL UNIQUE,
	title text NOT NULL,
	kind text NOT NULL,
	stage text NOT NULL,
	stage_group text NOT NULL,
	whose_turn text NOT NULL,
	org text NOT NULL,
	compartment text NOT NULL,
	officer text NOT NULL,
	destination text NOT NULL,
	end_user text NOT NULL,
	end_user_search text NOT NULL,
	end_user_register text NOT NULL,
	severity bigint NOT NULL,
	assessed bigint NOT NULL,
	stale bigint NOT NULL,
	due bigint,
	stopped bigint NOT NULL,
	remaining bigint NOT NULL,
	target bigint NOT NULL,
	value bigint NOT NULL,
	currency text NOT NULL,
	lines bigint NOT NULL,
	parties bigint NOT NULL,
	version bigint NOT NULL,
	basis bigint NOT NULL,
	submitted bigint NOT NULL,
	decided bigint,
	changed bigint NOT NULL,
	outcome text NOT NULL,
	against_adviser bigint NOT NULL,
	licence text NOT NULL,
	erased bigint NOT NULL
);
CREATE INDEX case_row_stream ON case_row (stream);
CREATE INDEX case_row_stage_group_due_idx ON case_row (stage_group, due, id);
CREATE INDEX case_row_officer_stage_group_due_idx ON case_row (officer, stage_group, due, id);
CREATE INDEX case_row_org_changed_idx ON case_row (org, changed, id);
CREATE INDEX case_row_changed_idx ON case_row (changed, id);
CREATE INDEX case_row_destination_changed_idx ON case_row (destination, changed, id);
CREATE INDEX case_row_stage_due_idx ON case_row (stage, due, id);
CREATE INDEX case_row_whose_turn_due_idx ON case_row (whose_turn, due, id);
CREATE INDEX case_row_end_user_register_idx ON case_row (end_user_register, id);

CREATE TABLE case_line (
	id text PRIMARY KEY,
	stream text NOT NULL,
	case_id text NOT NULL,
	line text NOT NULL,
	position bigint NOT NULL,
	kind text NOT NULL,
	description text NOT NULL,
	part_number text NOT NULL,
	claimed_code text NOT NULL,
	code text NOT NULL,
	tariff text NOT NULL,
	origin text NOT NULL,
	quantity bigint NOT NULL,
	unit text NOT NULL,
	value bigint NOT NULL,
	currency text NOT NULL,
	outcome text NOT NULL,
	severity bigint NOT NULL
);
CREATE INDEX case_line_stream ON case_line (stream);
CREATE INDEX case_line_case_id_position_idx ON case_line (case_id, position);

CREATE TABLE case_party (
	id text PRIMARY KEY,
	stream text NOT NULL,
	case_id text NOT NULL,
	party text NOT NULL,
	roles text NOT NULL,
	kind text NOT NULL,
	tie text NOT NULL,
	country text NOT NULL,
	name text NOT NULL,
	latin text NOT NULL,
	register text NOT NULL,
	"natural" bigint NOT NULL,
	retain_until text NOT NULL,
	erased bigint NOT NULL
);
CREATE INDEX case_party_stream ON case_party (stream);
CREATE INDEX case_party_case_id_idx ON case_party (case_id);
CREATE INDEX case_party_register_case_id_idx ON case_party (register, case_id);

CREATE TABLE case_document (
	id text PRIMARY KEY,
	stream text NOT NULL,
	case_id text NOT NULL,
	document text NOT NULL,
	kind text NOT NULL,
	title text NOT NULL,
	hash text NOT NULL,
	size bigint NOT NULL,
	source text NOT NULL,
	at bigint
);
CREATE INDEX case_document_stream ON case_document (stream);
CREATE INDEX case_document_case_id_idx ON case_document (case_id);
CREATE INDEX case_document_document_idx ON case_document (document);

CREATE TABLE case_rfi (
	id text PRIMARY KEY,
	stream text NOT NULL,
	case_id text NOT NULL,
	rfi text NOT NULL,
	number bigint NOT NULL,
	asked bigint NOT NULL,
	due bigint NOT NULL,
	closed bigint,
	how text NOT NULL,
	holding bigint NOT NULL,
	asked_by text NOT NULL
);
CREATE INDEX case_rfi_stream ON case_rfi (stream);
CREATE INDEX case_rfi_case_id_idx ON case_rfi (case_id);

CREATE TABLE case_assurance (
	id text PRIMARY KEY,
	stream text NOT NULL,
	case_id text NOT NULL,
	assurance text NOT NULL,
	party text NOT NULL,
	register text NOT NULL,
	clause text NOT NULL,
	reply text NOT NULL,
	result text NOT NULL,
	authority bigint NOT NULL,
	has_check bigint NOT NULL,
	expires text NOT NULL,
	sought bigint NOT NULL
);
CREATE INDEX case_assurance_stream ON case_assurance (stream);
CREATE INDEX case_assurance_case_id_idx ON case_assurance (case_id);
CREATE INDEX case_assurance_register_result_idx ON case_assurance (register, result);

CREATE TABLE case_advice (
	id text PRIMARY KEY,
	stream text NOT NULL,
	case_id text NOT NULL,
	advice text NOT NULL,
	department text NOT NULL,
	role text NOT NULL,
	person text NOT NULL,
	at bigint NOT NULL,
	basis bigint NOT NULL,
	stale bigint NOT NULL,
	superseded bigint NOT NULL
);
CREATE INDEX case_advice_stream ON case_advice (stream);
CREATE INDEX case_advice_case_id_idx ON case_advice (case_id);

CREATE TABLE licence_row (
	id text PRIMARY KEY,
	stream text NOT NULL,
	reference text NOT NULL UNIQUE,
	case_id text NOT NULL,
	case_reference text NOT NULL,
	org text NOT NULL,
	compartment text NOT NULL,
	destination text NOT NULL,
	title text NOT NULL,
	status text NOT NULL,
	valid_from text NOT NULL,
	valid_until text NOT NULL,
	code_hash text NOT NULL UNIQUE,
	document text NOT NULL,
	hash text NOT NULL,
	value bigint NOT NULL,
	currency text NOT NULL,
	lines bigint NOT NULL,
	issued bigint NOT NULL,
	changed bigint NOT NULL,
	erased bigint NOT NULL
);
CREATE INDEX licence_row_stream ON licence_row (stream);
CREATE INDEX licence_row_org_issued_idx ON licence_row (org, issued, id);
CREATE INDEX licence_row_status_valid_until_idx ON licence_row (status, valid_until, id);
CREATE INDEX licence_row_case_id_idx ON licence_row (case_id);
CREATE INDEX licence_row_issued_idx ON licence_row (issued, id);

CREATE TABLE licence_line (
	id text PRIMARY KEY,
	stream text NOT NULL,
	licence_id text NOT NULL,
	line text NOT NULL,
	kind text NOT NULL,
	code text NOT NULL,
	tariff text NOT NULL,
	description text NOT NULL,
	quantity bigint NOT NULL,
	unit text NOT NULL,
	value bigint NOT NULL,
	currency text NOT NULL,
	suspended bigint NOT NULL
);
CREATE INDEX licence_line_stream ON licence_line (stream);
CREATE INDEX licence_line_licence_id_idx ON licence_line (licence_id);

CREATE TABLE party_row (
	id text PRIMARY KEY,
	stream text NOT NULL,
	kind text NOT NULL,
	tie text NOT NULL,
	country text NOT NULL,
	name text NOT NULL,
	name_search text NOT NULL,
	"natural" bigint NOT NULL,
	retain_until text NOT NULL,
	objections bigint NOT NULL,
	registered bigint NOT NULL,
	changed bigint NOT NULL,
	erased bigint NOT NULL
);
CREATE INDEX party_row_stream ON party_row (stream);
CREATE INDEX party_row_name_idx ON party_row (name, id);
CREATE INDEX party_row_retain_until_idx ON party_row (retain_until, id);

CREATE TABLE party_name (
	id text PRIMARY KEY,
	stream text NOT NULL,
	party text NOT NULL,
	text text NOT NULL,
	latin text NOT NULL,
	kind text NOT NULL,
	script text NOT NULL,
	language text NOT NULL,
	past bigint NOT NULL
);
CREATE INDEX party_name_stream ON party_name (stream);
CREATE INDEX party_name_party_idx ON party_name (party);

CREATE TABLE party_unit (
	id text PRIMARY KEY,
	stream text NOT NULL,
	party text NOT NULL,
	unit text NOT NULL,
	parent text NOT NULL,
	level text NOT NULL,
	name text NOT NULL,
	country text NOT NULL,
	valid_from text NOT NULL,
	valid_until text NOT NULL
);
CREATE INDEX party_unit_stream ON party_unit (stream);
CREATE INDEX party_unit_party_idx ON party_unit (party);

CREATE TABLE party_link (
	id text PRIMARY KEY,
	stream text NOT NULL,
	party text NOT NULL,
	parent text NOT NULL,
	unit text NOT NULL,
	valid_from text NOT NULL,
	valid_until text NOT NULL
);
CREATE INDEX party_link_stream ON party_link (stream);
CREATE INDEX party_link_party_idx ON party_link (party);
CREATE INDEX party_link_parent_idx ON party_link (parent);

CREATE TABLE assessments (
	id text PRIMARY KEY,
	stream text NOT NULL,
	complete bigint NOT NULL,
	basis bigint NOT NULL,
	severity bigint NOT NULL,
	undecided bigint NOT NULL,
	open_hits bigint NOT NULL,
	changed bigint
);
CREATE INDEX assessments_stream ON assessments (stream);

CREATE TABLE assessment_hits (
	id text PRIMARY KEY,
	stream text NOT NULL,
	case_id text NOT NULL,
	party text NOT NULL,
	list text NOT NULL,
	entry text NOT NULL,
	outcome text NOT NULL,
	gone bigint NOT NULL
);
CREATE INDEX assessment_hits_stream ON assessment_hits (stream);
CREATE INDEX assessment_hits_case_id_idx ON assessment_hits (case_id);
CREATE INDEX assessment_hits_list_entry_idx ON assessment_hits (list, entry);

CREATE TABLE list_row (
	id text PRIMARY KEY,
	stream text NOT NULL,
	title text NOT NULL,
	kind text NOT NULL,
	publisher text NOT NULL,
	status text NOT NULL,
	active text NOT NULL,
	published text NOT NULL,
	entries bigint NOT NULL,
	active_since bigint,
	waiting bigint NOT NULL,
	objections bigint NOT NULL,
	review_by text NOT NULL
);
CREATE INDEX list_row_stream ON list_row (stream);

CREATE TABLE list_version_row (
	id text PRIMARY KEY,
	stream text NOT NULL,
	list text NOT NULL,
	number bigint NOT NULL,
	published text NOT NULL,
	imported bigint NOT NULL,
	status text NOT NULL,
	document text NOT NULL,
	object text NOT NULL,
	entries bigint NOT NULL,
	aside bigint NOT NULL,
	added bigint NOT NULL,
	removed bigint NOT NULL,
	changed bigint NOT NULL
);
CREATE INDEX list_version_row_stream ON list_version_row (stream);
CREATE INDEX list_version_row_list_number_idx ON list_version_row (list, number);

CREATE TABLE list_objection_row (
	id text PRIMARY KEY,
	stream text NOT NULL,
	list text NOT NULL,
	entry text NOT NULL,
	kind text NOT NULL,
	received bigint NOT NULL,
	outcome text NOT NULL,
	decided bigint
);
CREATE INDEX list_objection_row_stream ON list_objection_row (stream);
CREATE INDEX list_objection_row_list_entry_idx ON list_objection_row (list, entry);

-- Drafts are working state: an application before it is submitted.
CREATE TABLE draft (
	id text PRIMARY KEY,
	org text NOT NULL,
	account text NOT NULL,
	case_id text NOT NULL, -- of an amendment or answer; empty for a new application
	kind text NOT NULL, -- application, amendment, answer, reply
	title text NOT NULL,
	body bytea NOT NULL, -- sealed under the organisation's key
	version bigint NOT NULL,
	changed bigint NOT NULL
);
CREATE INDEX draft_org ON draft (org, changed, id);
CREATE INDEX draft_case ON draft (case_id, kind);

-- Documents of facts, of letters and of list versions that commands prepared
-- are in the vault; what a person has seen of a case is a read mark.
CREATE TABLE read_mark (
	account text NOT NULL,
	case_id text NOT NULL,
	seq bigint NOT NULL,
	PRIMARY KEY (account, case_id)
);
CREATE TABLE saved_search (
	id text PRIMARY KEY,
	account text NOT NULL,
	name text NOT NULL,
	query text NOT NULL
);
CREATE INDEX saved_search_account ON saved_search (account, id);
