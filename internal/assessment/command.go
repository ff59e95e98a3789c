package assessment

import (
	"time"

	"github.com/comity-project/comity/policy"
)

// Actor is who gives a command. Two-person rules go by Person.
type Actor struct {
	Account string
	Person  string
}

// Facts are what the caller gathered for a command. Each needs Now, Actor and
// Case; commands about rules need the pack, the destinations and the basis too.
type Facts struct {
	Now          time.Time
	Actor        Actor
	Case         Input // the case as it stands: lines, parties, use, destination, assurances
	Basis        int   // the case's basis, which each material change raises
	Pack         *policy.Pack
	Destinations Destinations
}

// day is the day as of which rules are read.
func (f Facts) day() policy.Date {
	if f.Case.Day != "" {
		return f.Case.Day
	}
	return policy.DateOf(f.Now.UTC())
}

// Command is one of the commands below. Every one names the case it is about.
type Command interface{ caseID() string }

// Classify confirms what a line's item is. Category is an id of the pack's
// categories; Listed stays nil while that is not settled.
type Classify struct {
	Case     string
	Line     string
	Category string
	Listed   *bool
	Codes    []string
	List     string // control list and version
	Place    int    // place among the suggestions, 0 where it was none
	Reason   string // required where it was none of the suggestions
}

// JudgeSeverity gives the three parts of a line's severity, 1 to 5 each. Also
// are further lines of which the same is judged.
type JudgeSeverity struct {
	Case     string
	Line     string
	Also     []string
	Severity policy.Severity
	Reason   string
}

// RecordScreening takes in what a screening found. HitIDs are made of party,
// list and entry (see HitID), so that the same hit keeps its answer.
type RecordScreening struct {
	Case        string
	Purpose     string
	Index       string
	Lists       []Searched
	NotSearched []string
	Parties     []string
	Hits        []ScreenedHit
}

// ScreenedHit is a hit with the hashes of what was asked and of what is listed,
// by which a later change is seen.
type ScreenedHit struct {
	Hit
	PartyHash, EntryHash string
}

// ResolveHit answers a hit. The reason is required.
type ResolveHit struct {
	Case    string
	Hit     string
	Outcome Same
	Reason  string
}

// ReopenHits takes answers back: all of a party, all of an entry of a list, or
// one hit.
type ReopenHits struct {
	Case        string
	Hit         string
	Party       string
	List, Entry string
	Why         string // "party_changed", "listing_changed", "objection"
	Reason      string
}

// RecordFact records an answer with source and date.
//
// A fact may rest on an item of the library: Item is its id and Cited the source
// in words, both checked by the caller.
type RecordFact struct {
	Case     string
	ID       string // made by the caller
	Answer   Answer
	Replaces string // id of the fact it takes the place of
	Document string
	Grade    string
	Item     string
	Cited    string
}

// LoseSource takes back every fact that rests on an item of the library which
// was withdrawn there.
type LoseSource struct {
	Case string
	Item string
}

// WithdrawFact takes a fact back, with a reason.
type WithdrawFact struct {
	Case   string
	ID     string
	Reason string
}

// NoteLaw says that the brief on a destination of the case says something else
// of its law than before. Brief names the brief and its version.
type NoteLaw struct {
	Case    string
	Country string
	Brief   string
}

// MakeFindings records what the actor found on tests, each with at least one
// dated fact or a stated search that found none.
type MakeFindings struct {
	Case     string
	Findings []FindingInput
}

// FindingInput is one finding.
type FindingInput struct {
	Line   string
	Rule   string
	Status policy.Status
	Facts  []string // names of known, dated facts
	Search string   // where one looked and found none
	Reason string
}

// StateGroups says which groups would be affected; every group must be answered.
type StateGroups struct {
	Case   string
	Groups map[Group]Affected
	Reason string
}

// RecordView records the adviser's own likelihood, severity and main worry.
type RecordView struct {
	Case       string
	Likelihood Likelihood
	Severity   int
	Refuse     []string
	Grounds    []ViewGround
	Worry      string
}

// BearUnknown gives the reason why an unknown below severity 4 is bearable. Also
// are further lines on which it is borne for the same reason.
type BearUnknown struct {
	Case   string
	Line   string
	Also   []string
	Rule   string
	Reason string
}

// Complete completes the assessment on the case's basis, or confirms it again
// after the basis moved.
type Complete struct {
	Case string
}

func (c Classify) caseID() string        { return c.Case }
func (c JudgeSeverity) caseID() string   { return c.Case }
func (c RecordScreening) caseID() string { return c.Case }
func (c ResolveHit) caseID() string      { return c.Case }
func (c ReopenHits) caseID() string      { return c.Case }
func (c RecordFact) caseID() string      { return c.Case }
func (c WithdrawFact) caseID() string    { return c.Case }
func (c LoseSource) caseID() string      { return c.Case }
func (c NoteLaw) caseID() string         { return c.Case }
func (c MakeFindings) caseID() string    { return c.Case }
func (c StateGroups) caseID() string     { return c.Case }
func (c RecordView) caseID() string      { return c.Case }
func (c BearUnknown) caseID() string     { return c.Case }
func (c Complete) caseID() string        { return c.Case }
