package policy

// Document is a pack as it is written: the YAML of its files, joined.
// The field names are the keys of the files.
type Document struct {
	ID      string   `json:"id" yaml:"id"`                                 // short name, "code-of-conduct"
	Version string   `json:"version" yaml:"version"`                       // "2026-11-22" or any text that grows
	Title   string   `json:"title" yaml:"title"`                           //
	Extends string   `json:"extends,omitempty" yaml:"extends,omitempty"`   // id of the pack that this one is written over: see LoadOver
	From    Date     `json:"valid_from" yaml:"valid_from"`                 // first day on which the pack may be used
	To      Date     `json:"valid_to,omitempty" yaml:"valid_to,omitempty"` // last day, none for "until replaced"
	Laws    []string `json:"laws" yaml:"laws"`                             // bodies of law that this state applies; rules of others are shown, not applied

	Facts             []FactDef          `json:"facts,omitempty" yaml:"facts,omitempty"`
	Categories        []Category         `json:"categories,omitempty" yaml:"categories,omitempty"`
	Rules             []Rule             `json:"rules,omitempty" yaml:"rules,omitempty"`
	Tables            []Table            `json:"tables,omitempty" yaml:"tables,omitempty"`
	Profiles          []Profile          `json:"profiles,omitempty" yaml:"profiles,omitempty"`
	Advice            []Advice           `json:"advice,omitempty" yaml:"advice,omitempty"`
	Countersignatures []Countersignature `json:"countersignatures,omitempty" yaml:"countersignatures,omitempty"`
	Sharing           []Sharing          `json:"sharing,omitempty" yaml:"sharing,omitempty"`
	Periods           []Period           `json:"periods,omitempty" yaml:"periods,omitempty"`
	Assurances        []AssuranceKind    `json:"assurances,omitempty" yaml:"assurances,omitempty"`
	Conditions        []Condition        `json:"conditions,omitempty" yaml:"conditions,omitempty"`
	Scrutiny          []ScrutinyRow      `json:"scrutiny,omitempty" yaml:"scrutiny,omitempty"`
}

// Force says what follows when a rule is met.
type Force string

// The forces, strongest first.
const (
	Prohibit     Force = "prohibit"      // no discretion
	RefuseIf     Force = "refuse_if"     // refusal is binding once the test is met
	Weigh        Force = "weigh"         // must be considered; never cures a met refuse_if
	Procedure    Force = "procedure"     // met means: this step is due and not done
	DueDiligence Force = "due_diligence" // met means: the exporter has not done this
	Notify       Force = "notify"        // met means: someone must be told
)

func (f Force) valid() bool {
	switch f {
	case Prohibit, RefuseIf, Weigh, Procedure, DueDiligence, Notify:
		return true
	}
	return false
}

// Binding tells whether the rule alone can keep a line from being approved.
func (f Force) Binding() bool { return f == Prohibit || f == RefuseIf }

// Rule is one test.
type Rule struct {
	ID          string   `json:"id" yaml:"id"`
	Law         string   `json:"law" yaml:"law"`       // body of law it belongs to, one of those that Document.Laws may name
	Source      string   `json:"source" yaml:"source"` // instrument and provision
	From        Date     `json:"valid_from,omitempty" yaml:"valid_from,omitempty"`
	To          Date     `json:"valid_to,omitempty" yaml:"valid_to,omitempty"`
	Force       Force    `json:"force" yaml:"force"`
	Threshold   string   `json:"threshold,omitempty" yaml:"threshold,omitempty"` // in the words of the law: "clear risk", "reasonable grounds"
	Question    string   `json:"question" yaml:"question"`                       // what the assessor answers
	Applies     string   `json:"applies,omitempty" yaml:"applies,omitempty"`     // CEL: to which transactions; empty = all
	When        string   `json:"when" yaml:"when"`                               // CEL: when the test is met
	Finding     string   `json:"finding" yaml:"finding"`                         // what a met test says, one sentence
	Definition  string   `json:"definition,omitempty" yaml:"definition,omitempty"`
	Note        string   `json:"note,omitempty" yaml:"note,omitempty"`
	Evidence    []string `json:"evidence,omitempty" yaml:"evidence,omitempty"`       // what bears on it
	Mitigations []string `json:"mitigations,omitempty" yaml:"mitigations,omitempty"` // ids of conditions, or words
	Unverified  bool     `json:"verify,omitempty" yaml:"verify,omitempty"`           // written without the text at hand: check before it is shown as law
	Tests       []Case   `json:"tests,omitempty" yaml:"tests,omitempty"`
}

// Case is a test that lies beside its rule: these facts, that status.
type Case struct {
	Name  string           `json:"name,omitempty" yaml:"name,omitempty"`
	Facts map[string]Value `json:"facts" yaml:"facts"`
	Want  Status           `json:"want" yaml:"want"`
}

// FactDef is an entry of the catalogue of facts.
type FactDef struct {
	Name     string   `json:"name" yaml:"name"` // "user.abuse_record": scope, dot, name
	Kind     Kind     `json:"kind" yaml:"kind"`
	Question string   `json:"question" yaml:"question"`                   // the question whose answer is the fact
	Help     string   `json:"help,omitempty" yaml:"help,omitempty"`       // where to look
	Values   []string `json:"values,omitempty" yaml:"values,omitempty"`   // the words a text fact may hold; none = any
	Derived  bool     `json:"derived,omitempty" yaml:"derived,omitempty"` // made from the case by the program, not answered
}

// Scope is the part of the name before the dot: "item", "user", "party", "use",
// "dest" or "case". It says whom or what to ask about.
func (d FactDef) Scope() string { return scopeOf(d.Name) }

// Category is one kind of item and what its typical misuse does. The flags are
// nil where the category alone does not tell, so that an officer is asked.
type Category struct {
	ID       string           `json:"id" yaml:"id"`
	Name     string           `json:"name" yaml:"name"`
	Severity int              `json:"severity" yaml:"severity"`                 // of the typical misuse, 1 to 5
	Harm     string           `json:"harm,omitempty" yaml:"harm,omitempty"`     // the path from capability to harm; empty = none is known
	Rights   []string         `json:"rights,omitempty" yaml:"rights,omitempty"` //
	Facts    map[string]Value `json:"facts,omitempty" yaml:"facts,omitempty"`   // item facts that follow from the category
	Protects string           `json:"protects,omitempty" yaml:"protects,omitempty"`
	Refusing string           `json:"refusing,omitempty" yaml:"refusing,omitempty"` // what refusing would harm
}

// Profile is a completeness profile: what an application must hold for a kind
// of item and end user, paragraph by paragraph.
type Profile struct {
	ID         string      `json:"id" yaml:"id"`
	Title      string      `json:"title" yaml:"title"`
	Paragraphs []Paragraph `json:"paragraphs" yaml:"paragraphs"`
}

// Paragraph asks for one thing.
type Paragraph struct {
	ID      string   `json:"id" yaml:"id"`         // shown to the applicant, "INT-2"
	Title   string   `json:"title" yaml:"title"`   // "Legal mandate of the end user"
	Text    string   `json:"text" yaml:"text"`     // what is asked, in plain words
	Source  string   `json:"source" yaml:"source"` // legal or policy basis
	When    Whom     `json:"when" yaml:"when,omitempty"`
	Need    Need     `json:"need" yaml:"need"`
	Choices []string `json:"choices,omitempty" yaml:"choices,omitempty"` // for an answer: what may be chosen
}

// Whom says which applications, lines and parties a paragraph asks. Each list
// that is not empty must be met by one of its values; codes and categories are
// two ways to say what an item is, and either will do.
type Whom struct {
	Kinds      []string `json:"kinds,omitempty" yaml:"kinds,omitempty"`             // of application: "individual", "global"
	LineKinds  []string `json:"line_kinds,omitempty" yaml:"line_kinds,omitempty"`   // "goods", "software", "technology", "service"
	Codes      []string `json:"codes,omitempty" yaml:"codes,omitempty"`             // a code begins with one of these
	Categories []string `json:"categories,omitempty" yaml:"categories,omitempty"`   // ids of Category
	Services   []string `json:"services,omitempty" yaml:"services,omitempty"`       // "updates", "training", ...
	Unstated   bool     `json:"unstated,omitempty" yaml:"unstated,omitempty"`       // or nobody said what the line is: no code, no category
	Ties       []string `json:"ties,omitempty" yaml:"ties,omitempty"`               // of a party to a state: "state", "state_owned", "non_state", "unknown"
	PartyKinds []string `json:"party_kinds,omitempty" yaml:"party_kinds,omitempty"` // "person", "organisation", "agency"
	Roles      []string `json:"roles,omitempty" yaml:"roles,omitempty"`             // of a party: "end_user", ...
}

// Need is what meets a paragraph: an answer, a document of a kind, or a field
// of the application; once, or for each line or party that is asked.
type Need struct {
	Each     string `json:"each,omitempty" yaml:"each,omitempty"` // "", "line" or "party"
	Answer   bool   `json:"answer,omitempty" yaml:"answer,omitempty"`
	Document string `json:"document,omitempty" yaml:"document,omitempty"`
	Field    string `json:"field,omitempty" yaml:"field,omitempty"`
}

// Advice says whose advice a line needs.
type Advice struct {
	ID     string `json:"id" yaml:"id"`
	From   string `json:"from" yaml:"from"` // role: "human_rights_adviser", "technical_assessor", "advising_ministry"
	When   string `json:"when" yaml:"when"` // CEL
	Reason string `json:"reason" yaml:"reason"`
}

// Countersignature says whose second signature a decision needs.
type Countersignature struct {
	ID      string `json:"id" yaml:"id"`
	By      string `json:"by" yaml:"by"`           // role: "licensing_officer", "senior_officer"
	Outcome string `json:"outcome" yaml:"outcome"` // "approve", "refuse" or "any"
	When    string `json:"when" yaml:"when"`       // CEL
	Reason  string `json:"reason" yaml:"reason"`
}

// Sharing says who is told what of a decision on a line.
type Sharing struct {
	ID         string `json:"id" yaml:"id"`
	With       string `json:"with" yaml:"with"`       // "applicant", "customs", "partners", "public"
	What       string `json:"what" yaml:"what"`       // in plain words: "the refusal and its grounds"
	Outcome    string `json:"outcome" yaml:"outcome"` // "approve", "refuse" or "any"
	When       string `json:"when" yaml:"when"`       // CEL
	Reason     string `json:"reason" yaml:"reason"`
	Source     string `json:"source" yaml:"source"`
	Unverified bool   `json:"verify,omitempty" yaml:"verify,omitempty"`
}

// Period is one clock of the law. One that Starts is counted on every case, from
// the events named there to those under Ends; the others are looked up by their id
// where a letter or a request gives a time to answer.
type Period struct {
	ID         string `json:"id" yaml:"id"` // "rfi_limit"
	Days       int    `json:"days" yaml:"days"`
	Working    bool   `json:"working,omitempty" yaml:"working,omitempty"` // working days of the state's calendar, else calendar days
	Extension  int    `json:"extension,omitempty" yaml:"extension,omitempty"`
	Text       string `json:"text" yaml:"text"`
	Source     string `json:"source" yaml:"source"`
	Unverified bool   `json:"verify,omitempty" yaml:"verify,omitempty"`

	Law      string   `json:"law,omitempty" yaml:"law,omitempty"`           // body of law, "us"; empty: a target of the authority
	AsOf     Date     `json:"as_of,omitempty" yaml:"as_of,omitempty"`       // the text of the law that it was read in
	Calendar string   `json:"calendar,omitempty" yaml:"calendar,omitempty"` // id of other working days than the authority's
	Kinds    []string `json:"kinds,omitempty" yaml:"kinds,omitempty"`       // of cases on which it is counted; none: all
	Starts   []string `json:"starts,omitempty" yaml:"starts,omitempty"`     // types of events: "case.submitted"
	Stops    []string `json:"stops,omitempty" yaml:"stops,omitempty"`       // what it stands still for: "information", "committee"
	Ends     []string `json:"ends,omitempty" yaml:"ends,omitempty"`
}

// AssuranceKind is one of the things a recipient is asked to promise.
type AssuranceKind struct {
	ID     string   `json:"id" yaml:"id"` // "not_misused"
	Text   string   `json:"text" yaml:"text"`
	Source string   `json:"source" yaml:"source"`
	When   string   `json:"when,omitempty" yaml:"when,omitempty"` // CEL: for which lines it must have been sought; empty = all
	Checks []string `json:"checks" yaml:"checks"`                 // ways to verify it
}

// Condition is a licence condition to choose from: typed and testable.
type Condition struct {
	ID     string `json:"id" yaml:"id"`
	Text   string `json:"text" yaml:"text"`
	Check  string `json:"check" yaml:"check"`                   // how it is verified
	When   string `json:"when,omitempty" yaml:"when,omitempty"` // CEL: to which lines it suits; empty = all
	Every  int    `json:"every_days,omitempty" yaml:"every_days,omitempty"`
	Narrow bool   `json:"narrow,omitempty" yaml:"narrow,omitempty"` // it makes the licence itself narrower: fewer sites, smaller scope
}

// ScrutinyRow raises the level of scrutiny of cases with a destination when an
// indicator lies at or beyond a bound.
type ScrutinyRow struct {
	Indicator string   `json:"indicator" yaml:"indicator"`
	AtMost    *float64 `json:"at_most,omitempty" yaml:"at_most,omitempty"`
	AtLeast   *float64 `json:"at_least,omitempty" yaml:"at_least,omitempty"`
	Level     Scrutiny `json:"level" yaml:"level"`
	Text      string   `json:"text" yaml:"text"`
}
