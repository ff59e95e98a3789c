package store

import (
	"fmt"
	"slices"
)

// foldedTables are recomputed from events: each row belongs to a stream.
var foldedTables = []string{
	"search", "org_row", "account_row",
	"case_row", "case_line", "case_party", "case_person", "case_user_name", "case_user_mark", "case_key", "case_document", "case_rfi", "case_assurance", "case_advice", "case_ground", "case_again", "case_appeal", "licence_row", "licence_line", "licence_use", "licence_duty", "licence_code", "customs_message", "licence_notice", "outcome_row", "stop_row", "informed_row", "informed_name", "informed_tariff", "stop_gap",
	"party_row", "party_name", "party_unit", "party_link", "assessments", "assessment_hits", "assessment_source", "assessment_code",
	"evidence_row", "brief_row", "brief_source", "question_row", "duty_row", "denial_row", "denial_name", "certificate_code",
	"list_row", "list_version_row", "list_objection_row", "screening_month", "watch_row", "statistics_row",
	"program_row", "check_row", "plan_row", "alarm_row", "paper_row", "collection_row", "collection_account", "import_row", "feed_row", "incident_row", "incident_link", "matter_row",
}

// kernelTables are the ledger itself and what it needs.
var kernelTables = []string{
	"ledger_head", "ledger_event", "ledger_block", "ledger_checkpoint", "seal_key", "erased", "sealed_in", "stream", "counter", "vault_object",
	"envelope", "envelope_to", "envelope_mark", "log_block", "log_head", "import_object", "import_mark",
}

// workingTables hold working state, which has no stream: drafts before
// submission, sessions, credentials, jobs. Losing one loses work, not history.
var workingTables = []string{"job", "idempotency", "credential", "session", "verification", "draft", "read_mark", "saved_search", "list_fetch", "decided_facts", "fact_names", "screen_file", "policy_replay", "statistics_run", "api_token", "notice", "notice_setting", "mail", "exchange_peer", "import_status"}

// Tables lists every table with rows of ours, in the order in which a backup
// writes and a restore reads them.
func Tables() []string { return slices.Concat(kernelTables, foldedTables, workingTables) }

// known guards the one place where a table's name comes in as a value.
func known(table string) error {
	if !slices.Contains(foldedTables, table) {
		return fmt.Errorf("store: %q is not a table of folded rows: add it to foldedTables and the schema", table)
	}
	return nil
}
