-- +goose Up
CREATE TABLE case_row (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	reference TEXT NOT NULL UNIQUE,
	title TEXT NOT NULL,
	kind TEXT NOT NULL,
	stage TEXT NOT NULL,
	stage_group TEXT NOT NULL,
	whose_turn TEXT NOT NULL,
	org TEXT NOT NULL,
	compartment TEXT NOT NULL,
	officer TEXT NOT NULL,
	destination TEXT NOT NULL,
	end_user TEXT NOT NULL,
	end_user_search TEXT NOT NULL,
	end_user_register TEXT NOT NULL,
	severity INTEGER NOT NULL,
	assessed INTEGER NOT NULL,
	stale INTEGER NOT NULL,
	due INTEGER,
	stopped INTEGER NOT NULL,
	remaining INTEGER NOT NULL,
	target INTEGER NOT NULL,
	value INTEGER NOT NULL,
	currency TEXT NOT NULL,
	lines INTEGER NOT NULL,
	parties INTEGER NOT NULL,
	version INTEGER NOT NULL,
	basis INTEGER NOT NULL,
	submitted INTEGER NOT NULL,
	decided INTEGER,
	changed INTEGER NOT NULL,
	outcome TEXT NOT NULL,
	against_adviser INTEGER NOT NULL,
	licence TEXT NOT NULL,
	erased INTEGER NOT NULL
) STRICT;
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
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	case_id TEXT NOT NULL,
	line TEXT NOT NULL,
	position INTEGER NOT NULL,
	kind TEXT NOT NULL,
	description TEXT NOT NULL,
	part_number TEXT NOT NULL,
	claimed_code TEXT NOT NULL,
	code TEXT NOT NULL,
	tariff TEXT NOT NULL,
	origin TEXT NOT NULL,
	quantity INTEGER NOT NULL,
	unit TEXT NOT NULL,
	value INTEGER NOT NULL,
	currency TEXT NOT NULL,
	outcome TEXT NOT NULL,
	severity INTEGER NOT NULL
) STRICT;
CREATE INDEX case_line_stream ON case_line (stream);
CREATE INDEX case_line_case_id_position_idx ON case_line (case_id, position);

CREATE TABLE case_party (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	case_id TEXT NOT NULL,
	party TEXT NOT NULL,
	roles TEXT NOT NULL,
	kind TEXT NOT NULL,
	tie TEXT NOT NULL,
	country TEXT NOT NULL,
	name TEXT NOT NULL,
	latin TEXT NOT NULL,
	register TEXT NOT NULL,
	"natural" INTEGER NOT NULL,
	retain_until TEXT NOT NULL,
	erased INTEGER NOT NULL
) STRICT;
CREATE INDEX case_party_stream ON case_party (stream);
CREATE INDEX case_party_case_id_idx ON case_party (case_id);
CREATE INDEX case_party_register_case_id_idx ON case_party (register, case_id);

CREATE TABLE case_document (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	case_id TEXT NOT NULL,
	document TEXT NOT NULL,
	kind TEXT NOT NULL,
	title TEXT NOT NULL,
	hash TEXT NOT NULL,
	size INTEGER NOT NULL,
	source TEXT NOT NULL,
	at INTEGER
) STRICT;
CREATE INDEX case_document_stream ON case_document (stream);
CREATE INDEX case_document_case_id_idx ON case_document (case_id);
CREATE INDEX case_document_document_idx ON case_document (document);

CREATE TABLE case_rfi (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	case_id TEXT NOT NULL,
	rfi TEXT NOT NULL,
	number INTEGER NOT NULL,
	asked INTEGER NOT NULL,
	due INTEGER NOT NULL,
	closed INTEGER,
	how TEXT NOT NULL,
	holding INTEGER NOT NULL,
	asked_by TEXT NOT NULL
) STRICT;
CREATE INDEX case_rfi_stream ON case_rfi (stream);
CREATE INDEX case_rfi_case_id_idx ON case_rfi (case_id);

CREATE TABLE case_assurance (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	case_id TEXT NOT NULL,
	assurance TEXT NOT NULL,
	party TEXT NOT NULL,
	register TEXT NOT NULL,
	clause TEXT NOT NULL,
	reply TEXT NOT NULL,
	result TEXT NOT NULL,
	authority INTEGER NOT NULL,
	has_check INTEGER NOT NULL,
	expires TEXT NOT NULL,
	sought INTEGER NOT NULL
) STRICT;
CREATE INDEX case_assurance_stream ON case_assurance (stream);
CREATE INDEX case_assurance_case_id_idx ON case_assurance (case_id);
CREATE INDEX case_assurance_register_result_idx ON case_assurance (register, result);

CREATE TABLE case_advice (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	case_id TEXT NOT NULL,
	advice TEXT NOT NULL,
	department TEXT NOT NULL,
	role TEXT NOT NULL,
	person TEXT NOT NULL,
	at INTEGER NOT NULL,
	basis INTEGER NOT NULL,
	stale INTEGER NOT NULL,
	superseded INTEGER NOT NULL
) STRICT;
CREATE INDEX case_advice_stream ON case_advice (stream);
CREATE INDEX case_advice_case_id_idx ON case_advice (case_id);

CREATE TABLE licence_row (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	reference TEXT NOT NULL UNIQUE,
	case_id TEXT NOT NULL,
	case_reference TEXT NOT NULL,
	org TEXT NOT NULL,
	compartment TEXT NOT NULL,
	destination TEXT NOT NULL,
	title TEXT NOT NULL,
	status TEXT NOT NULL,
	valid_from TEXT NOT NULL,
	valid_until TEXT NOT NULL,
	code_hash TEXT NOT NULL UNIQUE,
	document TEXT NOT NULL,
	hash TEXT NOT NULL,
	value INTEGER NOT NULL,
	currency TEXT NOT NULL,
	lines INTEGER NOT NULL,
	issued INTEGER NOT NULL,
	changed INTEGER NOT NULL,
	erased INTEGER NOT NULL
) STRICT;
CREATE INDEX licence_row_stream ON licence_row (stream);
CREATE INDEX licence_row_org_issued_idx ON licence_row (org, issued, id);
CREATE INDEX licence_row_status_valid_until_idx ON licence_row (status, valid_until, id);
CREATE INDEX licence_row_case_id_idx ON licence_row (case_id);
CREATE INDEX licence_row_issued_idx ON licence_row (issued, id);

CREATE TABLE licence_line (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	licence_id TEXT NOT NULL,
	line TEXT NOT NULL,
	kind TEXT NOT NULL,
	code TEXT NOT NULL,
	tariff TEXT NOT NULL,
	description TEXT NOT NULL,
	quantity INTEGER NOT NULL,
	unit TEXT NOT NULL,
	value INTEGER NOT NULL,
	currency TEXT NOT NULL,
	suspended INTEGER NOT NULL
) STRICT;
CREATE INDEX licence_line_stream ON licence_line (stream);
CREATE INDEX licence_line_licence_id_idx ON licence_line (licence_id);

CREATE TABLE party_row (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	kind TEXT NOT NULL,
	tie TEXT NOT NULL,
	country TEXT NOT NULL,
	name TEXT NOT NULL,
	name_search TEXT NOT NULL,
	"natural" INTEGER NOT NULL,
	retain_until TEXT NOT NULL,
	objections INTEGER NOT NULL,
	registered INTEGER NOT NULL,
	changed INTEGER NOT NULL,
	erased INTEGER NOT NULL
) STRICT;
CREATE INDEX party_row_stream ON party_row (stream);
CREATE INDEX party_row_name_idx ON party_row (name, id);
CREATE INDEX party_row_retain_until_idx ON party_row (retain_until, id);

CREATE TABLE party_name (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	party TEXT NOT NULL,
	text TEXT NOT NULL,
	latin TEXT NOT NULL,
	kind TEXT NOT NULL,
	script TEXT NOT NULL,
	language TEXT NOT NULL,
	past INTEGER NOT NULL
) STRICT;
CREATE INDEX party_name_stream ON party_name (stream);
CREATE INDEX party_name_party_idx ON party_name (party);

CREATE TABLE party_unit (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	party TEXT NOT NULL,
	unit TEXT NOT NULL,
	parent TEXT NOT NULL,
	level TEXT NOT NULL,
	name TEXT NOT NULL,
	country TEXT NOT NULL,
	valid_from TEXT NOT NULL,
	valid_until TEXT NOT NULL
) STRICT;
CREATE INDEX party_unit_stream ON party_unit (stream);
CREATE INDEX party_unit_party_idx ON party_unit (party);

CREATE TABLE party_link (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	party TEXT NOT NULL,
	parent TEXT NOT NULL,
	unit TEXT NOT NULL,
	valid_from TEXT NOT NULL,
	valid_until TEXT NOT NULL
) STRICT;
CREATE INDEX party_link_stream ON party_link (stream);
CREATE INDEX party_link_party_idx ON party_link (party);
CREATE INDEX party_link_parent_idx ON party_link (parent);

CREATE TABLE assessments (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	complete INTEGER NOT NULL,
	basis INTEGER NOT NULL,
	severity INTEGER NOT NULL,
	undecided INTEGER NOT NULL,
	open_hits INTEGER NOT NULL,
	changed INTEGER
) STRICT;
CREATE INDEX assessments_stream ON assessments (stream);

CREATE TABLE assessment_hits (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	case_id TEXT NOT NULL,
	party TEXT NOT NULL,
	list TEXT NOT NULL,
	entry TEXT NOT NULL,
	outcome TEXT NOT NULL,
	gone INTEGER NOT NULL
) STRICT;
CREATE INDEX assessment_hits_stream ON assessment_hits (stream);
CREATE INDEX assessment_hits_case_id_idx ON assessment_hits (case_id);
CREATE INDEX assessment_hits_list_entry_idx ON assessment_hits (list, entry);

CREATE TABLE list_row (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	title TEXT NOT NULL,
	kind TEXT NOT NULL,
	publisher TEXT NOT NULL,
	status TEXT NOT NULL,
	active TEXT NOT NULL,
	published TEXT NOT NULL,
	entries INTEGER NOT NULL,
	active_since INTEGER,
	waiting INTEGER NOT NULL,
	objections INTEGER NOT NULL,
	review_by TEXT NOT NULL
) STRICT;
CREATE INDEX list_row_stream ON list_row (stream);

CREATE TABLE list_version_row (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	list TEXT NOT NULL,
	number INTEGER NOT NULL,
	published TEXT NOT NULL,
	imported INTEGER NOT NULL,
	status TEXT NOT NULL,
	document TEXT NOT NULL,
	object TEXT NOT NULL,
	entries INTEGER NOT NULL,
	aside INTEGER NOT NULL,
	added INTEGER NOT NULL,
	removed INTEGER NOT NULL,
	changed INTEGER NOT NULL
) STRICT;
CREATE INDEX list_version_row_stream ON list_version_row (stream);
CREATE INDEX list_version_row_list_number_idx ON list_version_row (list, number);

CREATE TABLE list_objection_row (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	list TEXT NOT NULL,
	entry TEXT NOT NULL,
	kind TEXT NOT NULL,
	received INTEGER NOT NULL,
	outcome TEXT NOT NULL,
	decided INTEGER
) STRICT;
CREATE INDEX list_objection_row_stream ON list_objection_row (stream);
CREATE INDEX list_objection_row_list_entry_idx ON list_objection_row (list, entry);

-- Drafts are working state: an application before it is submitted.
CREATE TABLE draft (
	id TEXT PRIMARY KEY,
	org TEXT NOT NULL,
	account TEXT NOT NULL,
	case_id TEXT NOT NULL, -- of an amendment or answer; empty for a new application
	kind TEXT NOT NULL, -- application, amendment, answer, reply
	title TEXT NOT NULL,
	body BLOB NOT NULL, -- sealed under the organisation's key
	version INTEGER NOT NULL,
	changed INTEGER NOT NULL
) STRICT;
CREATE INDEX draft_org ON draft (org, changed, id);
CREATE INDEX draft_case ON draft (case_id, kind);

-- Documents of facts, of letters and of list versions that commands prepared
-- are in the vault; what a person has seen of a case is a read mark.
CREATE TABLE read_mark (
	account TEXT NOT NULL,
	case_id TEXT NOT NULL,
	seq INTEGER NOT NULL,
	PRIMARY KEY (account, case_id)
) STRICT;
CREATE TABLE saved_search (
	id TEXT PRIMARY KEY,
	account TEXT NOT NULL,
	name TEXT NOT NULL,
	query TEXT NOT NULL
) STRICT;
CREATE INDEX saved_search_account ON saved_search (account, id);
