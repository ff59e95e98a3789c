package dispatch

import (
	"fmt"
	"slices"
	"strings"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
)

// KindAlert is the kind of the streams of alerts: "alert/LEAF", for a statement
// of another state that touches cases of ours, and "alert/IMPORT" for what came
// into a collection and does.
const KindAlert = "alert"

// KindSharing is the kind of the one stream of whether we share: "sharing/own".
const KindSharing = "sharing"

// SilenceAfter is after how many days without a statement of ours the point of
// contact is asked whether there is nothing to report.
const SilenceAfter = 180

// Touch is a case, open or with a live licence, that a statement may touch:
// something agrees, and whether it means the same is for a person to say.
type Touch struct {
	Case        string `json:"case"`
	Reference   string `json:"reference"`
	Licence     bool   `json:"licence,omitempty"`
	Officer     string `json:"officer,omitempty"` // account
	Compartment string `json:"compartment,omitempty"`
	// Agrees is what agrees and of whom: "name/consignee", "number/end_user",
	// "item/XR" for what goes to a country.
	Agrees []string `json:"agrees,omitempty"`
}

// Findings are what somebody may say of a possible match.
var Findings = []string{"same", "not_same", "unclear"}

// Events on alerts, and on whether we share.
type (
	// Raised says which cases a statement touches: a task for each, due the
	// same day. Without an issuer it is an import.
	Raised struct {
		Issuer  string        `json:"issuer"`
		Object  string        `json:"object"`
		Due     deadline.Date `json:"due"`
		Touches []Touch       `json:"touches"`
	}
	// Considered says that somebody looked at what the statement means for a
	// case. When all are done the issuer is told "considered", and no more.
	Considered struct {
		Case    string                `json:"case"`
		Finding string                `json:"finding,omitempty"` // one of Findings
		Why     event.Private[string] `json:"why,omitzero"`      // the case's
	}
	// NothingToReport says that for now there is nothing to tell other states.
	NothingToReport struct{}
)

// EventType implements event.Event.
func (Raised) EventType() string { return "alert.raised" }

// EventType implements event.Event.
func (Considered) EventType() string { return "alert.considered" }

// EventType implements event.Event.
func (NothingToReport) EventType() string { return "sharing.nothing_to_report" }

// Alert is a statement that touches cases, with what is still to be looked at.
type Alert struct {
	Leaf   string        `json:"leaf"`
	Issuer string        `json:"issuer"`
	Object string        `json:"object"`
	Due    deadline.Date `json:"due"`
	Open   []Touch       `json:"open,omitempty"`
	Done   []Look        `json:"done,omitempty"`
}

// Look is a case that was looked at.
type Look struct {
	Touch
	By      By         `json:"by"`
	Finding string     `json:"finding,omitempty"`
	Why     event.Text `json:"why,omitzero"`
}

// Apply implements event.State.
func (a *Alert) Apply(r event.Recorded) error {
	switch e := r.Event.(type) {
	case Raised:
		a.Leaf, a.Issuer, a.Object, a.Due = r.Stream.ID(), e.Issuer, e.Object, e.Due
		a.Open = append(a.Open, e.Touches...)
	case Considered:
		i := slices.IndexFunc(a.Open, func(t Touch) bool { return t.Case == e.Case })
		if i < 0 {
			return fmt.Errorf("dispatch: the alert does not touch %s", e.Case)
		}
		a.Done = append(a.Done, Look{a.Open[i], event.ByOf(r), e.Finding, event.TextOf(e.Why)})
		a.Open = slices.Delete(slices.Clone(a.Open), i, i+1)
	default:
		return fmt.Errorf("dispatch: an alert does not know %q", r.Event.EventType())
	}
	return nil
}

// Imported tells whether it came as a file or from a feed, so that no state waits
// for a word.
func (a *Alert) Imported() bool { return a.Issuer == "" }

// Rows are the tasks that are open, each with the officer of its case or with
// whoever licenses.
func (a *Alert) Rows() (rows []event.Row) {
	kind, href := KindAlert, "/exchange/statements/"+a.Leaf
	if a.Imported() {
		kind, href = "published", "/exchange/imports/"+a.Leaf
	}
	for _, t := range a.Open {
		role := ""
		if t.Officer == "" {
			role = "licensing_officer"
		}
		rows = append(rows, event.Row{Table: "duty_row", ID: KindAlert + "/" + a.Leaf + "/" + t.Case, Columns: []event.Column{
			event.C("account", t.Officer), event.C("role", role), event.C("kind", kind), event.C("title", t.Reference),
			event.C("href", href), event.C("compartment", t.Compartment), event.C("due", string(a.Due)),
		}})
	}
	return rows
}

// RaiseAlert says which cases a statement touches. Cases that it named before
// are not named again.
type RaiseAlert struct {
	Leaf, Issuer, Object string
	Due                  deadline.Date
	Touches              []Touch
}

// ConsiderAlert says that a case was looked at: whether the statement means whom
// or what the case names, and why.
type ConsiderAlert struct{ Leaf, Case, Finding, Why string }

// Stream is the alert's stream.
func (c RaiseAlert) Stream() event.Stream { return event.StreamOf(KindAlert, c.Leaf) }

// Stream is the alert's stream.
func (c ConsiderAlert) Stream() event.Stream { return event.StreamOf(KindAlert, c.Leaf) }

// DecideRaise turns the command into an event; none where nothing is touched anew.
func DecideRaise(a *Alert, c RaiseAlert) []event.New {
	c.Touches = slices.DeleteFunc(slices.Clone(c.Touches), func(t Touch) bool {
		return slices.ContainsFunc(a.Open, func(x Touch) bool { return x.Case == t.Case }) || slices.ContainsFunc(a.Done, func(x Look) bool { return x.Case == t.Case })
	})
	if len(c.Touches) == 0 {
		return nil
	}
	return []event.New{{Stream: c.Stream(), Event: Raised{c.Issuer, c.Object, c.Due, c.Touches}}}
}

// maxReason bounds the reason for a finding.
const maxReason = 2000

// DecideConsider turns the command into an event; last says that nothing is left
// to be looked at.
func DecideConsider(a *Alert, c ConsiderAlert) (events []event.New, last bool, err error) {
	if !slices.ContainsFunc(a.Open, func(t Touch) bool { return t.Case == c.Case }) {
		return nil, false, fault.New(fault.Blocked, "dispatch.considered_already")
	}
	bad := invalid()
	oneOf(bad, "finding", c.Finding, Findings)
	want(bad, "why", c.Why, maxReason)
	if err := bad.Or(); err != nil {
		return nil, false, err
	}
	why := event.P(event.StreamOf("case", c.Case), strings.TrimSpace(c.Why))
	return []event.New{{Stream: c.Stream(), Event: Considered{c.Case, c.Finding, why}}}, len(a.Open) == 1, nil
}

// Sharing is whether we share: when we last said that there is nothing.
type Sharing struct {
	Nothing By `json:"nothing,omitzero"`
}

// Apply implements event.State.
func (s *Sharing) Apply(r event.Recorded) error {
	if _, ok := r.Event.(NothingToReport); !ok {
		return fmt.Errorf("dispatch: sharing does not know %q", r.Event.EventType())
	}
	s.Nothing = event.ByOf(r)
	return nil
}

// Rows implements event.State.
func (s *Sharing) Rows() []event.Row { return nil }

// ReportNothing says that for now there is nothing to tell other states.
type ReportNothing struct{}
