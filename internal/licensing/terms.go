package licensing

import (
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
)

// Clause is one of the three things that the Code of Conduct has a recipient
// assured of.
type Clause string

// The Code's three.
const (
	NoMisuse   Clause = "not_misused"
	NoReexport Clause = "not_reexported"
	NoTransfer Clause = "not_transferred"
)

// Clauses are all three, in the order of the Code.
var Clauses = []Clause{NoMisuse, NoReexport, NoTransfer}

// Reply is what a party answered to one clause.
type Reply string

// The replies.
const (
	Given      Reply = "given"
	Changed    Reply = "changed" // given in other words than asked for
	Declined   Reply = "declined"
	Unanswered Reply = "unanswered"
)

// ClauseReply is the reply to one clause.
type ClauseReply struct {
	Clause Clause `json:"clause"`
	Reply  Reply  `json:"reply"`
}

// CheckResult is what a check of an assurance came to.
type CheckResult string

// The results. Inconclusive leaves the assurance unverified.
const (
	Verified     CheckResult = "verified"
	Broken       CheckResult = "broken"
	Inconclusive CheckResult = "inconclusive"
)

// AdviceKind is what an adviser would do with one line or party.
type AdviceKind string

// The kinds of advice.
const (
	Approve              AdviceKind = "approve"
	ApproveWithCondition AdviceKind = "approve_with_condition"
	Refuse               AdviceKind = "refuse"
	NotRequired          AdviceKind = "not_required"
)

// Ground is one reason, with an id by which it can be answered.
type Ground struct {
	ID   string `json:"id"`             // "G1"
	Rule string `json:"rule,omitempty"` // id of the rule it rests on
	Text string `json:"text"`
}

// View is advice on one line or one party; exactly one of the two is set.
type View struct {
	Line      string     `json:"line,omitempty"`
	Party     string     `json:"party,omitempty"`
	Advice    AdviceKind `json:"advice"`
	Grounds   []Ground   `json:"grounds,omitempty"`   // at least one to refuse
	Condition string     `json:"condition,omitempty"` // required with ApproveWithCondition
}

// Outcome of one line.
type Outcome string

// The outcomes of a line, and of a whole decision (where Split is added).
const (
	Issue          Outcome = "issue"
	RefuseLine     Outcome = "refuse"
	LineNotNeeded  Outcome = "not_required"
	Undertaken     Outcome = "undertaking" // not required, under what the applicant undertook
	LicenceNeeded  Outcome = "needed"      // an answer: a licence has to be applied for
	Advised        Outcome = "advised"     // an answer in words, which lets nothing go
	OutcomeIssued  Outcome = "issued"
	OutcomeRefused Outcome = "refused"
	OutcomeSplit   Outcome = "split"
	OutcomeNone    Outcome = "not_required"
)

// LineOutcomes are the outcomes of a line, in the order in which they are
// offered; a kind of case allows some of them.
var LineOutcomes = []Outcome{Issue, RefuseLine, LineNotNeeded, Undertaken, LicenceNeeded, Advised}

// Outcomes are those of a whole decision.
var Outcomes = []Outcome{OutcomeIssued, OutcomeRefused, OutcomeSplit, OutcomeNone, LicenceNeeded, Advised}

// LetsGo tells whether something may leave by it.
func (o Outcome) LetsGo() bool { return o == Issue || o == LineNotNeeded || o == Undertaken }

// AnswerGround is the ground of a reason that answers a question.
const AnswerGround = "answer"

// answersAlone tells whether a decision lets nothing go and refuses nothing.
func answersAlone(outcomes []LineOutcome) bool {
	for _, o := range outcomes {
		if o.Outcome.LetsGo() || o.Outcome == RefuseLine {
			return false
		}
	}
	return true
}

// LineOutcome is the outcome of one line with the grounds it stands on.
type LineOutcome struct {
	Line    string   `json:"line"`
	Outcome Outcome  `json:"outcome"`           // one of LineOutcomes
	Grounds []string `json:"grounds,omitempty"` // ids of rules or criteria; at least one to refuse
}

// ConditionType says what a condition limits or asks, so that it can be tested.
type ConditionType string

// The types of conditions.
const (
	MaxQuantity     ConditionType = "quantity"
	AtSite          ConditionType = "site"
	Retention       ConditionType = "retention" // days that data may be kept, or logs must be
	ModulesDisabled ConditionType = "modules_disabled"
	Serials         ConditionType = "serials"
	Logs            ConditionType = "logs"
	WithoutReexport ConditionType = "no_reexport"
	WithoutTransfer ConditionType = "no_transfer"
	ConsentToChecks ConditionType = "consent_to_verification"
	Reports         ConditionType = "reports"
	Returned        ConditionType = "return" // back by a day
	OtherCondition  ConditionType = "other"
)

// ConditionTypes are all types in the order in which they are offered.
var ConditionTypes = []ConditionType{MaxQuantity, AtSite, Retention, ModulesDisabled, Serials, Logs, WithoutReexport, WithoutTransfer, ConsentToChecks, Reports, Returned, OtherCondition}

// Condition is one duty under a licence: who must do what, until when, how
// anyone can tell, and what follows if not.
type Condition struct {
	ID          string        `json:"id"`
	Type        ConditionType `json:"type"`
	Lines       []string      `json:"lines,omitempty"`  // none: all issued lines
	Who         string        `json:"who"`              // "licensee" or the id of a party
	What        string        `json:"what"`             // in words
	Number      int64         `json:"number,omitempty"` // quantity in thousandths, days of retention
	Unit        string        `json:"unit,omitempty"`
	EveryDays   int           `json:"every_days,omitempty"` // for reports and logs
	Until       deadline.Date `json:"until,omitempty"`      // empty: as long as the licence runs
	Verify      string        `json:"verify"`               // how it is verified
	Consequence string        `json:"consequence"`          // what follows a breach
	// Set by variations alone.
	Since    deadline.Date `json:"since,omitempty"`    // from which its reports count; empty: the licence's first day
	Ended    deadline.Date `json:"ended,omitempty"`    // on which it ceased to bind
	Replaces string        `json:"replaces,omitempty"` // condition that it takes the place of
}

// ReleasedReason is a reason that the applicant is told. Rests lists the facts
// and findings it tells; each must be releasable.
type ReleasedReason struct {
	Ground string   `json:"ground"` // rule or criterion
	Text   string   `json:"text"`
	Rests  []string `json:"rests,omitempty"` // ids of facts or findings
}

// WeighedPoint is a point of the applicant's reply and what became of it, as the
// applicant is told. How it was weighed inside stays a text of its own.
type WeighedPoint struct {
	Point  string `json:"point"`
	Answer string `json:"answer"`
}

// Withheld says that there is information that cannot be disclosed, and why.
type Withheld struct {
	Basis string `json:"basis"` // legal basis
}

// GroundReason is a senior officer's reason to one ground of the adviser.
type GroundReason struct {
	Advice string `json:"advice,omitempty"` // id of the advice; empty: the adviser's view in the assessment
	Ground string `json:"ground"`
	Reason string `json:"reason"`
}

// BasisKind is what changed.
type BasisKind string

// What a case rests on.
const (
	BasisLine      BasisKind = "line"
	BasisParty     BasisKind = "party"
	BasisEndUse    BasisKind = "end_use"
	BasisDocument  BasisKind = "document"
	BasisListEntry BasisKind = "list_entry"
	BasisHit       BasisKind = "hit"
	BasisIncident  BasisKind = "incident"
	BasisAssurance BasisKind = "assurance"
	BasisReply     BasisKind = "reply"
	BasisAnswer    BasisKind = "answer"
)

// BasisKinds are all of them.
var BasisKinds = []BasisKind{BasisLine, BasisParty, BasisEndUse, BasisDocument, BasisListEntry, BasisHit, BasisIncident, BasisAssurance, BasisReply, BasisAnswer}

// LetterKind says what a letter tells.
type LetterKind string

// The kinds of letters.
const (
	LetterReceipt   LetterKind = "receipt"
	LetterRFI       LetterKind = "rfi"
	LetterIntention LetterKind = "intention"
	LetterDecision  LetterKind = "decision"
	LetterLicence   LetterKind = "licence"
	LetterInformed  LetterKind = "informed"

	LetterAppeal         LetterKind = "appeal"
	LetterAppealDecision LetterKind = "appeal_decision"
	LetterReopened       LetterKind = "reopened"
	LetterVariation      LetterKind = "variation"
)

// Text is private text as a state holds it: its value, or when and under which
// rule it went.
type Text = event.Text
