package verification

import (
	"fmt"
	"slices"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
)

// KindCheck is the kind of the streams of checks: "check/ID".
const KindCheck = "check"

// Status is where a check stands.
type Status string

// The statuses.
const (
	Planned   Status = "planned"
	Found     Status = "found" // there is a finding, and follow-up may be open
	Closed    Status = "closed"
	Cancelled Status = "cancelled"
)

// Reason is how a check came to be chosen.
type Reason string

// The reasons, in the order in which they are offered.
const (
	Drawn     Reason = "drawn"     // by a plan, which is named
	Condition Reason = "condition" // the licence asks for it
	Earlier   Reason = "earlier"   // follows an earlier check
	Report    Reason = "report"    // something was reported
	Officer   Reason = "officer"   // chosen by a person, in words
)

// Reasons are all of them.
var Reasons = []Reason{Drawn, Condition, Earlier, Report, Officer}

// Consent is how those who are visited stand to it.
type Consent string

// The answers, in the order in which they are offered.
const (
	Asked    Consent = "asked"
	Given    Consent = "given"
	Refused  Consent = "refused"
	NoAnswer Consent = "no_answer"
)

// Consents are all of them.
var Consents = []Consent{Asked, Given, Refused, NoAnswer}

// Answer is what was seen of one question.
type Answer string

// The answers. What nobody could look at is not seen: it is never yes.
const (
	Yes     Answer = "yes"
	No      Answer = "no"
	NotSeen Answer = "not_seen"
)

// Answers are all of them, in the order in which they are offered.
var Answers = []Answer{Yes, No, NotSeen}

// Result is what a check found.
type Result string

// The results.
const (
	Favourable     Result = "favourable"
	Partial        Result = "partial"
	Unsatisfactory Result = "unsatisfactory"
)

// Results are all of them.
var Results = []Result{Favourable, Partial, Unsatisfactory}

// Task is the private part of a plan to look: who and where, and what is
// expected there.
type Task struct {
	User    string   `json:"user"`  // end user's name
	Place   string   `json:"place"` //
	Why     string   `json:"why"`   // reason in words
	Note    string   `json:"note,omitempty"`
	Serials []string `json:"serials,omitempty"` // to be found, drawn where Of is more than there are here
	Hash    string   `json:"hash,omitempty"`    // of the configuration that is expected, hex
}

// CheckPlanned opens a check.
type CheckPlanned struct {
	Reference  string              `json:"reference"`
	Licence    string              `json:"licence"`
	LicenceRef string              `json:"licence_ref"`
	Case       string              `json:"case"`
	Reason     Reason              `json:"reason"`
	Plan       string              `json:"plan,omitempty"`
	Checklist  string              `json:"checklist"`
	Rules      string              `json:"rules"` // version of the checklists
	Officer    string              `json:"officer"`
	Due        deadline.Date       `json:"due"`
	Of         int                 `json:"of,omitempty"`   // serial numbers that left, of which the task names those to be found
	Seed       string              `json:"seed,omitempty"` // by which they were drawn
	Task       event.Private[Task] `json:"task"`
}

// ConsentRecorded is a word on consent.
type ConsentRecorded struct {
	Day    deadline.Date         `json:"day"`
	Answer Consent               `json:"answer"`
	Said   event.Private[string] `json:"said"`
}

// CheckArranged says when somebody goes, or looks.
type CheckArranged struct {
	Day     deadline.Date         `json:"day"`
	Officer string                `json:"officer"`
	Where   event.Private[string] `json:"where"`
}

// CheckAnswered is what was seen so far; later answers take the place of earlier
// ones.
type CheckAnswered struct {
	Answers []Seen                `json:"answers,omitempty"`
	Text    event.Private[OnSite] `json:"text"`
}

// Seen is the answer to one question.
type Seen struct {
	Item   string `json:"item"`
	Answer Answer `json:"answer"`
}

// OnSite is the private part of what was seen.
type OnSite struct {
	Notes   map[string]string `json:"notes,omitempty"`   // by question
	Serials []string          `json:"serials,omitempty"` // that were found
	Hash    string            `json:"hash,omitempty"`    // that was read, hex
}

// EvidenceAdded puts a paper or picture to the check.
type EvidenceAdded struct {
	Document string                `json:"document"`
	Hash     string                `json:"hash"`
	Size     int64                 `json:"size"`
	Type     string                `json:"type"`
	Title    event.Private[string] `json:"title"`
}

// CheckConcluded is the finding.
type CheckConcluded struct {
	Result     Result                `json:"result"`
	Day        deadline.Date         `json:"day"`
	Missing    int                   `json:"missing,omitempty"`    // serial numbers looked for and not found
	Strange    int                   `json:"strange,omitempty"`    // found and never delivered
	Differs    bool                  `json:"differs,omitempty"`    // the configuration is another
	Conditions []string              `json:"conditions,omitempty"` // of the licence, that were found broken
	Promises   []Promise             `json:"promises,omitempty"`   // assurances, clause by clause
	Why        event.Private[string] `json:"why"`
}

// Promise is one clause of one assurance of the case, and what the check found
// of it: "verified" or "broken".
type Promise struct {
	Assurance string `json:"assurance"`
	Clause    string `json:"clause"`
	Result    string `json:"result"`
}

// FollowUpSet says what somebody does about the finding by a day.
type FollowUpSet struct {
	ID      string                `json:"id"`
	Officer string                `json:"officer"`
	Due     deadline.Date         `json:"due"`
	What    event.Private[string] `json:"what"`
}

// FollowUpDone says what was done.
type FollowUpDone struct {
	ID   string                `json:"id"`
	Done event.Private[string] `json:"done"`
}

// CheckEnded closes a check, or cancels it before anybody looked.
type CheckEnded struct {
	Status Status                `json:"status"`
	Why    event.Private[string] `json:"why"`
}

// EventType is "check.planned".
func (CheckPlanned) EventType() string { return "check.planned" }

// EventType is "check.consent_recorded".
func (ConsentRecorded) EventType() string { return "check.consent_recorded" }

// EventType is "check.arranged".
func (CheckArranged) EventType() string { return "check.arranged" }

// EventType is "check.answered".
func (CheckAnswered) EventType() string { return "check.answered" }

// EventType is "check.evidence_added".
func (EvidenceAdded) EventType() string { return "check.evidence_added" }

// EventType is "check.concluded".
func (CheckConcluded) EventType() string { return "check.concluded" }

// EventType is "check.follow_up_set".
func (FollowUpSet) EventType() string { return "check.follow_up_set" }

// EventType is "check.follow_up_done".
func (FollowUpDone) EventType() string { return "check.follow_up_done" }

// EventType is "check.ended".
func (CheckEnded) EventType() string { return "check.ended" }

// Events are one zero value of each event of this package, for the registry.
func Events() []event.Event {
	return []event.Event{
		PlanDrawn{}, CheckPlanned{}, ConsentRecorded{}, CheckArranged{}, CheckAnswered{}, EvidenceAdded{}, CheckConcluded{}, FollowUpSet{}, FollowUpDone{}, CheckEnded{},
	}
}

// Text is a private text as the state holds it, with who gave it.
type Text = event.Text

// Check is one look at one licence.
type Check struct {
	ID         string            `json:"id"`
	Reference  string            `json:"reference"`
	Licence    string            `json:"licence"`
	LicenceRef string            `json:"licence_ref"`
	Case       string            `json:"case"`
	Status     Status            `json:"status"`
	Reason     Reason            `json:"reason"`
	Plan       string            `json:"plan,omitempty"`
	Checklist  string            `json:"checklist"`
	Rules      string            `json:"rules"`
	Officer    string            `json:"officer"`
	Due        deadline.Date     `json:"due"`
	Of         int               `json:"of,omitempty"`
	Seed       string            `json:"seed,omitempty"`
	Task       Task              `json:"task"`
	Erased     *event.Erasure    `json:"erased,omitempty"`
	Planned    By                `json:"planned"`
	Consents   []ConsentSaid     `json:"consents,omitempty"`
	Day        deadline.Date     `json:"day,omitempty"` // on which somebody goes, or looks
	Where      Text              `json:"where,omitzero"`
	Answers    map[string]Answer `json:"answers,omitempty"`
	OnSite     OnSite            `json:"on_site,omitzero"`
	Looked     By                `json:"looked,omitzero"` // the last answers
	Evidence   []Evidence        `json:"evidence,omitempty"`
	Finding    *Finding          `json:"finding,omitempty"`
	FollowUps  []FollowUp        `json:"follow_ups,omitempty"`
	Ended      Text              `json:"ended,omitzero"`
	EndedBy    By                `json:"ended_by,omitzero"`
}

// ConsentSaid is one word on consent; the last one stands.
type ConsentSaid struct {
	Day    deadline.Date `json:"day"`
	Answer Consent       `json:"answer"`
	Said   Text          `json:"said,omitzero"`
	By     By            `json:"by"`
}

// Evidence is one paper or picture.
type Evidence struct {
	Document string `json:"document"`
	Hash     string `json:"hash"`
	Size     int64  `json:"size"`
	Type     string `json:"type"`
	Title    Text   `json:"title"`
	By       By     `json:"by"`
}

// Finding is what came of a check.
type Finding struct {
	CheckConcluded
	Why Text `json:"why"`
	By  By   `json:"by"`
}

// FollowUp is what somebody does about a finding.
type FollowUp struct {
	ID      string        `json:"id"`
	Officer string        `json:"officer"`
	Due     deadline.Date `json:"due"`
	What    Text          `json:"what"`
	By      By            `json:"by"`
	Done    Text          `json:"done,omitzero"`
	DoneBy  By            `json:"done_by,omitzero"`
}

// Open tells whether it is still to be done.
func (f FollowUp) Open() bool { return f.DoneBy.Account == "" }

// Consent is the word on consent that stands; empty where nobody asked.
func (c *Check) Consent() Consent {
	if n := len(c.Consents); n > 0 {
		return c.Consents[n-1].Answer
	}
	return ""
}

// Missing are the serial numbers looked for and not found.
func (c *Check) Missing() []string { return without(c.Task.Serials, c.OnSite.Serials) }

// Strange are numbers found that were not looked for.
func (c *Check) Strange() []string { return without(c.OnSite.Serials, c.Task.Serials) }

func without(all, some []string) (out []string) {
	have := map[string]bool{}
	for _, s := range some {
		have[s] = true
	}
	for _, s := range all {
		if !have[s] {
			out = append(out, s)
		}
	}
	return out
}

// Differs tells whether the configuration that was read is another than the one
// expected, or was not read.
func (c *Check) Differs() bool { return c.Task.Hash != "" && c.OnSite.Hash != c.Task.Hash }

// Apply implements event.State.
func (c *Check) Apply(r event.Recorded) error {
	by := event.ByOf(r)
	switch e := r.Event.(type) {
	case CheckPlanned:
		*c = Check{
			ID: r.Stream.ID(), Reference: e.Reference, Licence: e.Licence, LicenceRef: e.LicenceRef, Case: e.Case, Status: Planned, Reason: e.Reason, Plan: e.Plan,
			Checklist: e.Checklist, Rules: e.Rules, Officer: e.Officer, Due: e.Due, Of: e.Of, Seed: e.Seed, Task: e.Task.Value, Erased: e.Task.Erased, Planned: by,
		}
	case ConsentRecorded:
		c.Consents = append(c.Consents, ConsentSaid{e.Day, e.Answer, event.TextOf(e.Said), by})
	case CheckArranged:
		c.Day, c.Officer, c.Where = e.Day, e.Officer, event.TextOf(e.Where)
	case CheckAnswered:
		if c.Answers == nil {
			c.Answers = map[string]Answer{}
		}
		for _, s := range e.Answers {
			c.Answers[s.Item] = s.Answer
		}
		c.OnSite, c.Looked = e.Text.Value, by
	case EvidenceAdded:
		c.Evidence = append(c.Evidence, Evidence{e.Document, e.Hash, e.Size, e.Type, event.TextOf(e.Title), by})
	case CheckConcluded:
		c.Status, c.Finding = Found, &Finding{e, event.TextOf(e.Why), by}
	case FollowUpSet:
		c.FollowUps = append(c.FollowUps, FollowUp{ID: e.ID, Officer: e.Officer, Due: e.Due, What: event.TextOf(e.What), By: by})
	case FollowUpDone:
		if n := slices.IndexFunc(c.FollowUps, func(f FollowUp) bool { return f.ID == e.ID }); n >= 0 {
			c.FollowUps[n].Done, c.FollowUps[n].DoneBy = event.TextOf(e.Done), by
		}
	case CheckEnded:
		c.Status, c.Ended, c.EndedBy = e.Status, event.TextOf(e.Why), by
	default:
		return fmt.Errorf("verification: a check does not know %q", r.Event.EventType())
	}
	return nil
}

// Rows implements event.State: the check as lists show it, and what somebody has
// to do by a day. Access to both is the licence's.
func (c *Check) Rows() []event.Row {
	if c.ID == "" {
		return nil
	}
	result, open := "", c.Status == Planned || c.Status == Found
	if c.Finding != nil {
		result = string(c.Finding.Result)
	}
	due := c.Due
	if c.Status == Planned && c.Day != "" {
		due = c.Day
	}
	rows := []event.Row{{Table: "check_row", ID: c.ID, Columns: []event.Column{
		event.C("reference", c.Reference), event.C("licence_id", c.Licence), event.C("case_id", c.Case), event.C("plan", c.Plan), event.C("account", c.Officer),
		event.C("checklist", c.Checklist), event.C("status", string(c.Status)), event.C("open", open), event.C("result", result), event.C("due", string(due)),
	}}}
	if c.Finding != nil {
		rows = append(rows, event.Row{Table: "outcome_row", ID: c.ID, Columns: []event.Column{
			event.C("kind", result), event.C("licence_id", c.Licence), event.C("compartment", ""), event.C("at", c.Finding.By.At),
		}})
	}
	duty := func(id, kind, account string, day deadline.Date) {
		rows = append(rows, event.Row{Table: "duty_row", ID: id, Columns: []event.Column{
			event.C("account", account), event.C("role", ""), event.C("kind", kind), event.C("title", c.Reference), event.C("href", "/verification/checks/"+c.ID),
			event.C("compartment", ""), event.C("due", string(day)),
		}})
	}
	if c.Status == Planned {
		duty("check/"+c.ID, "check", c.Officer, due)
	}
	if open {
		for _, f := range c.FollowUps {
			if f.Open() {
				duty("follow_up/"+f.ID, "follow_up", f.Officer, f.Due)
			}
		}
	}
	return rows
}
