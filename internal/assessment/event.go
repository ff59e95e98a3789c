package assessment

import (
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/policy"
)

// Samples are one zero value of each event of this domain, for the registry.
func Samples() []event.Event {
	return []event.Event{
		Classified{},
		SeverityJudged{},
		Screened{},
		HitResolved{},
		HitsReopened{},
		FactRecorded{},
		FactWithdrawn{},
		SourceLost{},
		LawChanged{},
		FindingsMade{},
		GroupsStated{},
		ViewRecorded{},
		UnknownBorne{},
		MitigationStated{},
		Completed{},
		SentencesConfirmed{},
		Dissented{},
		TextSigned{},
	}
}

// Reason is free text of a person; it can be erased.
type Reason = event.Private[string]

// Classified says that an officer confirmed what a line's item is.
type Classified struct {
	Line     string   `json:"line"`
	Category string   `json:"category"`
	Listed   *bool    `json:"listed,omitempty"`
	Codes    []string `json:"codes,omitempty"`
	List     string   `json:"list,omitempty"`  // control list and version
	Place    int      `json:"place,omitempty"` // place of the entry among the suggestions, from 1; 0 where it was none of them
	Reason   Reason   `json:"reason"`
}

// SeverityJudged says how severe the harm would be, by its three parts.
type SeverityJudged struct {
	Line     string          `json:"line"`
	Severity policy.Severity `json:"severity"`
	Reason   Reason          `json:"reason"`
}

// Screened says which parties were screened against which lists, and what was
// found. What a person said about a hit stands as long as party and entry are
// the same as then.
type Screened struct {
	Purpose     string     `json:"purpose"` // "case", "licence", ...
	Index       string     `json:"index,omitempty"`
	Lists       []Searched `json:"lists"`
	NotSearched []string   `json:"not_searched,omitempty"`
	Parties     []string   `json:"parties"`
	Hits        []FoundHit `json:"hits,omitempty"`
}

// FoundHit is one hit as it was found.
type FoundHit struct {
	ID        string                    `json:"id"`
	Party     string                    `json:"party"`
	List      string                    `json:"list"`
	Kind      ListKind                  `json:"kind"`
	Entry     string                    `json:"entry"`
	Score     float64                   `json:"score"`
	Band      string                    `json:"band,omitempty"`
	PartyHash string                    `json:"party_hash,omitempty"` // of what was asked
	EntryHash string                    `json:"entry_hash,omitempty"` // of the entry in that version of its list
	Details   event.Private[HitDetails] `json:"details"`
}

// HitDetails are the names and the evidence of a hit.
type HitDetails struct {
	Shown    string   `json:"shown"`
	Matched  string   `json:"matched,omitempty"`
	Asked    string   `json:"asked,omitempty"`
	Evidence []string `json:"evidence,omitempty"`
	AskFor   []string `json:"ask_for,omitempty"`
}

// HitResolved says what a person found a hit to be.
type HitResolved struct {
	Hit     string `json:"hit"`
	Outcome Same   `json:"outcome"`
	Reason  Reason `json:"reason"`
}

// HitsReopened says that answers to hits no longer stand.
type HitsReopened struct {
	Hits   []string `json:"hits"`
	Why    string   `json:"why"` // "party_changed", "listing_changed", "objection"
	Reason Reason   `json:"reason"`
}

// FactRecorded says what was found out, from where and as of when.
type FactRecorded struct {
	ID       string                    `json:"id"`
	Fact     string                    `json:"fact"`
	Value    policy.Value              `json:"value"`
	Line     string                    `json:"line,omitempty"`
	Party    string                    `json:"party,omitempty"`
	Date     policy.Date               `json:"date"` // the day as of which it holds
	Replaces string                    `json:"replaces,omitempty"`
	Document string                    `json:"document,omitempty"` // vault id
	Grade    string                    `json:"grade,omitempty"`    // reliability of the source, "A" to "F", "" where not graded
	Origin   event.Private[FactOrigin] `json:"origin"`
	Item     string                    `json:"item,omitempty"` // of the library of evidence, that it rests on
	Cited    Reason                    `json:"cited,omitzero"` // that source in words; it is the item's, and goes when the item is erased
}

// FactOrigin is where a fact comes from.
type FactOrigin struct {
	Source   string `json:"source"`
	Searched string `json:"searched,omitempty"` // where one looked and found none
	Note     string `json:"note,omitempty"`
}

// FactWithdrawn says that a fact no longer stands.
type FactWithdrawn struct {
	ID     string `json:"id"`
	Reason Reason `json:"reason"`
}

// SourceLost says that facts no longer stand because the source that they rest
// on was withdrawn from the library.
type SourceLost struct {
	Item  string   `json:"item"`
	Facts []string `json:"facts"`
}

// LawChanged says that the law of a destination reads differently from what an
// assessment that was complete rested on.
type LawChanged struct {
	Country string `json:"country"`
	Brief   string `json:"brief"`
}

// FindingsMade says what a named person found on tests.
type FindingsMade struct {
	Findings []MadeFinding `json:"findings"`
	Pack     string        `json:"pack"` // hash
}

// MadeFinding is one person's finding on one test for one line.
type MadeFinding struct {
	Line     string        `json:"line"`
	Rule     string        `json:"rule"`
	Status   policy.Status `json:"status"`
	Computed policy.Status `json:"computed"`        // what the facts gave at that moment
	Facts    []string      `json:"facts,omitempty"` // names of the dated facts it rests on
	Search   Reason        `json:"search,omitzero"` // a stated search that found none
	Reason   Reason        `json:"reason,omitzero"` // in words; required where the person is stricter than the facts
}

// GroupsStated says which of the Code's groups would be affected.
type GroupsStated struct {
	Groups map[Group]Affected `json:"groups"`
	Reason Reason             `json:"reason"`
}

// ViewRecorded is the human-rights adviser's own view, recorded before any draft
// or the advice of others is shown.
type ViewRecorded struct {
	Person     string                      `json:"person"`
	Likelihood Likelihood                  `json:"likelihood"`
	Severity   int                         `json:"severity"`         // 1 to 5
	Refuse     []string                    `json:"refuse,omitempty"` // lines the adviser would refuse
	Grounds    []event.Private[ViewGround] `json:"grounds,omitempty"`
	Worry      Reason                      `json:"worry"`
}

// ViewGround is one ground of the adviser, which an approval has to answer.
type ViewGround struct {
	ID   string `json:"id"`
	Rule string `json:"rule,omitempty"`
	Text string `json:"text"`
}

// Likelihood is how likely harm is.
type Likelihood string

// The likelihoods.
const (
	Remote        Likelihood = "remote"
	Possible      Likelihood = "possible"
	Likely        Likelihood = "likely"
	AlmostCertain Likelihood = "almost_certain"
)

func (l Likelihood) valid() bool {
	return l == Remote || l == Possible || l == Likely || l == AlmostCertain
}

// UnknownBorne says why an officer holds an unknown below severity 4 bearable.
type UnknownBorne struct {
	Line   string `json:"line"`
	Rule   string `json:"rule"`
	Reason Reason `json:"reason"`
}

// Completed says that the assessment was complete on a basis of the case.
type Completed struct {
	Basis  int           `json:"basis"`
	Person string        `json:"person"` // who completed it
	Pack   string        `json:"pack"`   // hash
	Facts  string        `json:"facts"`  // hash of the facts of all lines
	Lines  []LineSummary `json:"lines"`
	Again  bool          `json:"again,omitempty"` // confirmed again after a change
}

// LineSummary is where a line stood when the assessment was completed.
type LineSummary struct {
	Line     string          `json:"line"`
	Category string          `json:"category,omitempty"`
	Severity int             `json:"severity"`
	Standing policy.Standing `json:"standing"`
	Met      []string        `json:"met,omitempty"`     // binding rules
	Unknown  []string        `json:"unknown,omitempty"` // binding rules
}

// EventType names the shape.
func (Classified) EventType() string { return "assessment.classified" }

// EventType names the shape.
func (SeverityJudged) EventType() string { return "assessment.severity_judged" }

// EventType names the shape.
func (Screened) EventType() string { return "assessment.screened" }

// EventType names the shape.
func (HitResolved) EventType() string { return "assessment.hit_resolved" }

// EventType names the shape.
func (HitsReopened) EventType() string { return "assessment.hits_reopened" }

// EventType names the shape.
func (FactRecorded) EventType() string { return "assessment.fact_recorded" }

// EventType names the shape.
func (FactWithdrawn) EventType() string { return "assessment.fact_withdrawn" }

// EventType names the shape.
func (SourceLost) EventType() string { return "assessment.source_lost" }

// EventType names the shape.
func (LawChanged) EventType() string { return "assessment.law_changed" }

// EventType names the shape.
func (FindingsMade) EventType() string { return "assessment.findings_made" }

// EventType names the shape.
func (GroupsStated) EventType() string { return "assessment.groups_stated" }

// EventType names the shape.
func (ViewRecorded) EventType() string { return "assessment.view_recorded" }

// EventType names the shape.
func (UnknownBorne) EventType() string { return "assessment.unknown_borne" }

// EventType names the shape.
func (Completed) EventType() string { return "assessment.completed" }
