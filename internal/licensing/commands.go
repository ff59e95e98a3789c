package licensing

import (
	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/party"
)

// Command is something that a person, or a job for a person, wants done to a
// case. Ids in commands are made by the caller.
type Command interface {
	Name() string         // as in Table, "case.submit"
	Stream() event.Stream // the case
}

// On names the case that a command is for.
type On struct {
	Case string `json:"case"` // id of the case
}

// Stream is the case's stream.
func (o On) Stream() event.Stream { return event.StreamOf("case", o.Case) }

// Submit makes version 1 of the application, which nobody can change.
type Submit struct {
	On
	Application Application
}

// Open begins a case that no applicant has asked for: the authority has learned
// of something itself. It belongs to no exporter until one is informed.
type Open struct {
	On
	Application Application // what exporters are shown once they are informed
	Why         string      // what the authority has learned; stays inside
}

// Name is "case.open".
func (Open) Name() string { return "case.open" }

// Amend adds a version; the earlier ones stay.
type Amend struct {
	On
	Application Application
	Why         string
}

// Withdraw ends the case at the applicant's wish.
type Withdraw struct {
	On
	Why string
}

// Assign gives the case to an officer.
type Assign struct {
	On
	Officer string // account id
}

// Unassign takes it from the officer.
type Unassign struct {
	On
	Why string
}

// AskInformation asks the applicant and stops the clock.
type AskInformation struct {
	On
	RFI       string // id
	Questions []Question
	Due       deadline.Date // by when an answer is wanted; empty: the pack's period
}

// Question is one question of a request for information.
type Question struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// AnswerInformation is the applicant's answer. A holding reply says that an
// answer is coming: the clock goes on standing.
type AnswerInformation struct {
	On
	RFI       string
	Holding   bool
	Text      string
	Answers   []QuestionAnswer
	Documents []Document
}

// QuestionAnswer answers one question.
type QuestionAnswer struct {
	Question string `json:"question"`
	Text     string `json:"text"`
}

// CloseInformation ends a request without (further) answer.
type CloseInformation struct {
	On
	RFI        string
	Unanswered bool // a finding: its time has passed, and what it asked stays unknown
	Why        string
}

// SeekAssurance asks a party for one or more of the Code's three assurances.
type SeekAssurance struct {
	On
	Assurance string   // id
	From      string   // id of the party
	Clauses   []Clause // at least one
	Lines     []string // ids of the lines meant; none: all
	How       string   // letter, note verbale, meeting: how it was asked
	Text      string   // the wording asked for
}

// RecordAssurance records what came of it.
type RecordAssurance struct {
	On
	Assurance string
	Replies   []ClauseReply // one for each clause that was answered or not
	Signatory *Signatory    // required where anything was given or changed
	Text      string        // the wording given
	Document  *Document     // the signed paper
	Expires   deadline.Date // empty: without end
	Check     string        // the check that would verify it; empty: none, and so it will not count
}

// Signatory is who signed an assurance.
type Signatory struct {
	ID        string        `json:"id"` // id of the person's stream "party/ID"
	Names     []party.Name  `json:"names"`
	Record    *party.Record `json:"record"`    // function, source, purpose, retention
	Authority string        `json:"authority"` // document or rule that shows the authority to bind; empty: not on record
}

// VerifyAssurance records a check that was made, or a breach that was found.
type VerifyAssurance struct {
	On
	Assurance string
	Clauses   []Clause // none: all that were given
	Result    CheckResult
	Evidence  string        // what was seen, in words
	Documents []Document    // papers of the check
	Day       deadline.Date // when it was made
}

// AskAdvice asks departments for advice.
type AskAdvice struct {
	On
	Departments []string // short names, "foreign", "human_rights"
}

// GiveAdvice gives a department's view of each line and party.
type GiveAdvice struct {
	On
	Advice     string // id
	Department string
	Role       access.Role // role in which it is given; RightsAdviser is the human-rights adviser
	Views      []View
	Text       string // the adviser's words, shown unshortened
}

// ConfirmAdvice says that advice stands on the case's present basis.
type ConfirmAdvice struct {
	On
	Advice string
	Note   string
}

// Recommend is the officer's proposal, line by line. It voids a
// countersignature under another outcome.
type Recommend struct {
	On
	Outcomes      []LineOutcome
	Conditions    []Condition
	Grant         string // the narrower kind as which it would be issued; empty: the kind that was applied for
	Reasons       string
	WithoutAdvice string // why it goes on without the departments that have not answered
}

// Countersign is the second person's agreement, or the lack of it.
type Countersign struct {
	On
	Agree   bool
	Reasons string // required to disagree
}

// IntendToRefuse tells the applicant what is intended and why, as far as it may
// be told, and begins the reply period.
type IntendToRefuse struct {
	On
	Lines    []string
	Reasons  []ReleasedReason
	Withheld []Withheld
}

// ApplicantReplies is the applicant's answer to the intention.
type ApplicantReplies struct {
	On
	Text      string
	Documents []Document
}

// WeighReply says how the reply was weighed.
type WeighReply struct {
	On
	Text     string
	NewFacts bool // it brings facts that assessment and advice have not seen
}

// DecideCase decides, line by line. Nothing is pre-selected.
type DecideCase struct {
	On
	Outcomes       []LineOutcome
	Conditions     []Condition
	Reasons        string // internal
	ToApplicant    []ReleasedReason
	Weighed        []WeighedPoint // to the applicant: their reply; required to refuse where there is one
	Withheld       []Withheld
	Redress        string         // how the decision may be challenged: version of the pack's text
	AgainstAdviser []GroundReason // a senior officer's reasons to each of the adviser's grounds
	Direction      string         // id of the direction that it carries out; empty: the authority's own decision
	Licence        *NewLicence    // required where a line is issued
}

// NewLicence is what a decision that issues adds.
type NewLicence struct {
	ID    string        // id of the licence
	Code  string        // random check code, at least 80 bits; see NormalCode
	From  deadline.Date // first day of validity
	Until deadline.Date // last day
}

// ChangeBasis records that what the case rests on has changed: a list entry, a
// resolved hit, an incident.
type ChangeBasis struct {
	On
	What BasisKind
	Ref  string // id of what changed
	Note string
}

// LinkParty says which entry of the register a party of the application is.
type LinkParty struct {
	On
	Party    string
	Register string // id of the stream "party/ID"
}

// NoteAssessment carries severity and state of the assessment to the case's
// list row, in the transaction in which the assessment is confirmed.
type NoteAssessment struct {
	On
	Severity int // highest of the lines, 1 to 5; 0 not known
	Complete bool
	Basis    int // the basis it was confirmed on
}

// RecordLetter says that a letter was written.
type RecordLetter struct {
	On
	Kind     LetterKind
	Form     string // FormDOCX; empty: to read, or to keep
	Document string // vault id
	Hash     string
}

// MoveCompartment puts the case, and the licence that came of it, into a
// compartment, or takes it out.
type MoveCompartment struct {
	On
	Compartment string // empty: none
	Why         string
}

// MoveClock counts the clock anew by a changed calendar or target.
type MoveClock struct {
	On
	Why string
}

// Name is "case.submit".
func (Submit) Name() string { return "case.submit" }

// Name is "case.amend".
func (Amend) Name() string { return "case.amend" }

// Name is "case.withdraw".
func (Withdraw) Name() string { return "case.withdraw" }

// Name is "case.assign".
func (Assign) Name() string { return "case.assign" }

// Name is "case.unassign".
func (Unassign) Name() string { return "case.unassign" }

// Name is "case.ask_information".
func (AskInformation) Name() string { return "case.ask_information" }

// Name is "case.answer_information".
func (AnswerInformation) Name() string { return "case.answer_information" }

// Name is "case.close_information".
func (CloseInformation) Name() string { return "case.close_information" }

// Name is "case.seek_assurance".
func (SeekAssurance) Name() string { return "case.seek_assurance" }

// Name is "case.record_assurance".
func (RecordAssurance) Name() string { return "case.record_assurance" }

// Name is "case.verify_assurance".
func (VerifyAssurance) Name() string { return "case.verify_assurance" }

// Name is "case.ask_advice".
func (AskAdvice) Name() string { return "case.ask_advice" }

// Name is "case.give_advice".
func (GiveAdvice) Name() string { return "case.give_advice" }

// Name is "case.confirm_advice".
func (ConfirmAdvice) Name() string { return "case.confirm_advice" }

// Name is "case.recommend".
func (Recommend) Name() string { return "case.recommend" }

// Name is "case.countersign".
func (Countersign) Name() string { return "case.countersign" }

// Name is "case.intend_to_refuse".
func (IntendToRefuse) Name() string { return "case.intend_to_refuse" }

// Name is "case.reply".
func (ApplicantReplies) Name() string { return "case.reply" }

// Name is "case.weigh_reply".
func (WeighReply) Name() string { return "case.weigh_reply" }

// Name is "case.decide".
func (DecideCase) Name() string { return "case.decide" }

// Name is "case.change_basis".
func (ChangeBasis) Name() string { return "case.change_basis" }

// Name is "case.link_party".
func (LinkParty) Name() string { return "case.link_party" }

// Name is "case.note_assessment".
func (NoteAssessment) Name() string { return "case.note_assessment" }

// Name is "case.record_letter".
func (RecordLetter) Name() string { return "case.record_letter" }

// Name is "case.move_compartment".
func (MoveCompartment) Name() string { return "case.move_compartment" }

// Name is "case.move_clock".
func (MoveClock) Name() string { return "case.move_clock" }
