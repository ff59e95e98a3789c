// Package denial is the domain of the refusals that other states are told of. A
// decision that refuses opens a notice, which says whom and what was refused and
// on which grounds, and neither who applied nor the price. Partners are told
// within a period; what they were told is looked at again after years, or taken
// back. Each notice is a stream "denial/CASE".
package denial

import (
	"fmt"
	"strings"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/party"
)

// Kind is the kind of the streams of notices.
const Kind = "denial"

// Content is what other states are told.
type Content struct {
	EndUse  string    `json:"end_use,omitempty"`
	Parties []Refused `json:"parties"`
	Items   []string  `json:"items"`   // kinds of items, by their ids in the taxonomy
	Codes   []string  `json:"codes"`   // of control lists
	Grounds []string  `json:"grounds"` // ids of rules or criteria
}

// Refused is one party of the transaction that was refused. No natural person is
// named, nor the applicant.
type Refused struct {
	Role    string             `json:"role"`
	Names   []string           `json:"names"` // as written, the first one first; units after their body
	Country string             `json:"country,omitempty"`
	IDs     []party.Identifier `json:"ids,omitempty"`
}

// Events on a notice.
type (
	// Opened opens a notice in the decision that refuses.
	Opened struct {
		Reference   string                 `json:"reference"`
		Case        string                 `json:"case"`
		CaseRef     string                 `json:"case_ref"`
		Compartment string                 `json:"compartment,omitempty"`
		Officer     string                 `json:"officer,omitempty"`
		Country     string                 `json:"country"` // destination
		Day         deadline.Date          `json:"day"`     // of the refusal
		Due         deadline.Date          `json:"due"`     // by which partners are told
		Content     event.Private[Content] `json:"content"`
	}
	// Told says which states were told, and until when it stands unread.
	Told struct {
		To     []string              `json:"to"`
		Review deadline.Date         `json:"review"`
		How    event.Private[string] `json:"how"`
	}
	// Kept says that it was looked at again and stands.
	Kept struct {
		Review deadline.Date         `json:"review"`
		Why    event.Private[string] `json:"why"`
	}
	// TakenBack ends it.
	TakenBack struct {
		Why event.Private[string] `json:"why"`
	}
)

// EventType is "denial.opened".
func (Opened) EventType() string { return "denial.opened" }

// EventType is "denial.told".
func (Told) EventType() string { return "denial.told" }

// EventType is "denial.kept".
func (Kept) EventType() string { return "denial.kept" }

// EventType is "denial.taken_back".
func (TakenBack) EventType() string { return "denial.taken_back" }

// Events are one zero value of each event of this package, for the registry.
func Events() []event.Event { return []event.Event{Opened{}, Told{}, Kept{}, TakenBack{}} }

// Notice is what the events of one "denial/CASE" add up to.
type Notice struct {
	Reference   string         `json:"reference"`
	Case        string         `json:"case"`
	CaseRef     string         `json:"case_ref"`
	Compartment string         `json:"compartment,omitempty"`
	Officer     string         `json:"officer,omitempty"`
	Country     string         `json:"country"`
	Day         deadline.Date  `json:"day"`
	Due         deadline.Date  `json:"due"`
	Content     Content        `json:"content"`
	Erased      *event.Erasure `json:"erased,omitempty"`
	To          []string       `json:"to,omitempty"`
	How         event.Text     `json:"how,omitzero"`
	Told        event.By       `json:"told,omitzero"`
	Review      deadline.Date  `json:"review,omitempty"`
	Kept        []Looked       `json:"kept,omitempty"`
	Ended       event.By       `json:"ended,omitzero"`
	Why         event.Text     `json:"why,omitzero"` // it was taken back
}

// Looked is a look at a notice that stands.
type Looked struct {
	Why event.Text `json:"why"`
	By  event.By   `json:"by"`
}

// Status is where a notice stands: "draft", "valid", "ended".
func (n *Notice) Status() string {
	switch {
	case n.Ended.Account != "":
		return "ended"
	case n.Told.Account != "":
		return "valid"
	}
	return "draft"
}

// Apply implements event.State.
func (n *Notice) Apply(r event.Recorded) error {
	by := event.ByOf(r)
	switch e := r.Event.(type) {
	case Opened:
		*n = Notice{
			Reference: e.Reference, Case: e.Case, CaseRef: e.CaseRef, Compartment: e.Compartment, Officer: e.Officer, Country: e.Country, Day: e.Day, Due: e.Due,
			Content: e.Content.Value, Erased: e.Content.Erased,
		}
	case Told:
		n.To, n.Review, n.How, n.Told = e.To, e.Review, event.TextOf(e.How), by
	case Kept:
		n.Review = e.Review
		n.Kept = append(n.Kept, Looked{event.TextOf(e.Why), by})
	case TakenBack:
		n.Ended, n.Why = by, event.TextOf(e.Why)
	default:
		return fmt.Errorf("denial: a notice does not know %q", r.Event.EventType())
	}
	return nil
}

// Rows are what has to be done by a day: tell partners, later look again.
func (n *Notice) Rows() []event.Row {
	kind, due := "denial", n.Due
	switch {
	case n.Case == "" || n.Status() == "ended":
		return nil
	case n.Status() == "valid":
		kind, due = "denial_review", n.Review
	}
	role := ""
	if n.Officer == "" {
		role = "licensing_officer"
	}
	return []event.Row{{Table: "duty_row", ID: Kind + "/" + n.Case, Columns: []event.Column{
		event.C("account", n.Officer), event.C("role", role), event.C("kind", kind), event.C("title", n.CaseRef),
		event.C("href", "/cases/"+n.Case+"/denial"), event.C("compartment", n.Compartment), event.C("due", string(due)),
	}}}
}

// OnNotice names the notice that a command is for, by its case.
type OnNotice struct{ Case string }

// Stream is the notice's stream.
func (o OnNotice) Stream() event.Stream { return event.StreamOf(Kind, o.Case) }

// Command is one of the commands on a notice.
type Command interface{ Stream() event.Stream }

// Commands on a notice.
type (
	// Tell records that states were told, and how.
	Tell struct {
		OnNotice
		To  []string // country codes
		How string
	}
	// Keep records that what partners were told was looked at and stands.
	Keep struct {
		OnNotice
		Why string
	}
	// TakeBack ends it: partners are to forget it.
	TakeBack struct {
		OnNotice
		Why string
	}
)

// maxText bounds a reason, maxStates whom a notice goes to.
const maxText, maxStates = 4000, 300

// Decide turns a command into events, or says why it can't be done. review is the
// day on which what partners are told today has to be looked at again.
func Decide(n *Notice, cmd Command, review deadline.Date) ([]event.New, error) {
	own, bad := cmd.Stream(), fault.New(fault.Invalid, "denial.invalid")
	want := func(name, text string) event.Private[string] {
		if text = strings.TrimSpace(text); text == "" || !party.Bounded(text, maxText) {
			bad.Field(name, "denial.missing."+name)
		}
		return event.P(own, text)
	}
	from, ev := "valid", event.Event(nil)
	switch c := cmd.(type) {
	case Tell:
		from = "draft"
		if len(c.To) == 0 || len(c.To) > maxStates {
			bad.Field("to", "denial.missing.to")
		}
		for _, s := range c.To {
			if !party.ValidCountry(s) {
				bad.Field("to", "party.country.unknown", "code", s)
			}
		}
		ev = Told{c.To, review, want("how", c.How)}
	case Keep:
		ev = Kept{review, want("why", c.Why)}
	case TakeBack:
		ev = TakenBack{want("why", c.Why)}
	default:
		return nil, fault.New(fault.Internal, "fault.internal")
	}
	switch {
	case n.Case == "":
		return nil, fault.New(fault.NotFound, "fault.not_found")
	case n.Status() != from:
		return nil, fault.New(fault.Blocked, "denial.status."+n.Status())
	}
	if err := bad.Or(); err != nil {
		return nil, err
	}
	return []event.New{{Stream: own, Event: ev}}, nil
}
