package instruments

import (
	"fmt"
	"time"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
)

// KindElement is the kind of the streams of elements: "element/ID".
const KindElement = "element"

// Answer says how far an instrument, or all of them together, does what an
// element asks for. It is an answer about a text and its use, no grade of a state.
type Answer string

// The answers.
const (
	Met     Answer = "met"
	Partly  Answer = "partly"
	Gap     Answer = "gap"
	Unknown Answer = "unknown"
)

// Answers in their order.
var Answers = []Answer{Met, Partly, Gap, Unknown}

// Short tells whether an answer leaves a gap.
func (a Answer) Short() bool { return a == Partly || a == Gap }

// Together stands in the place of an instrument for all of them together.
const Together = ""

// Judged is one answer, and what it rests on.
type Judged struct {
	Instrument string   `json:"instrument,omitempty"` // Together for all of them
	Answer     Answer   `json:"answer"`
	Provision  string   `json:"provision,omitempty"` // the place in the text: "s. 9 (2)"
	Items      []string `json:"items,omitempty"`     // of the library of evidence
	Case       string   `json:"case,omitempty"`      // id of a case that used it
	Reason     string   `json:"reason"`
	Wording    string   `json:"wording"` // version of the questions it answers
	By         By       `json:"by"`
}

// Action is what somebody will do about a gap by a day.
type Action struct {
	ID         string        `json:"id"`
	Instrument string        `json:"instrument,omitempty"`
	What       string        `json:"what"`
	Owner      string        `json:"owner"`
	Due        deadline.Date `json:"due"`
	By         By            `json:"by"`
	Done       string        `json:"done,omitempty"` // what was done
	Closed     By            `json:"closed,omitzero"`
}

// Open tells whether the action is still to be done.
func (a Action) Open() bool { return a.Closed.At.IsZero() }

// Left is a gap about which nothing will be done, with the reason.
type Left struct {
	Instrument string `json:"instrument,omitempty"`
	Reason     string `json:"reason"`
	By         By     `json:"by"`
}

// Element is what was said about one element.
type Element struct {
	ID      string   `json:"id"`
	Judged  []Judged `json:"judged,omitempty"`  // all answers ever given, oldest first
	Actions []Action `json:"actions,omitempty"` // oldest first
	Left    []Left   `json:"left,omitempty"`    // oldest first
	Shown   []Shown  `json:"shown,omitempty"`   // when it was published and taken back, oldest first
	Changed By       `json:"changed"`
}

// Shown says from when the answers are public, or no longer are.
type Shown struct {
	Public bool `json:"public"`
	By     By   `json:"by"`
}

// At is the answer for an instrument as it stood at an instant; Unknown where
// nobody had answered.
func (e *Element) At(instrument string, at time.Time) Judged {
	for n := len(e.Judged) - 1; n >= 0; n-- {
		if j := e.Judged[n]; j.Instrument == instrument && !j.By.At.After(at) {
			return j
		}
	}
	return Judged{Instrument: instrument, Answer: Unknown}
}

// Public tells whether the answers were public at an instant.
func (e *Element) Public(at time.Time) bool {
	for n := len(e.Shown) - 1; n >= 0; n-- {
		if !e.Shown[n].By.At.After(at) {
			return e.Shown[n].Public
		}
	}
	return false
}

// OpenGap is a gap as it stood at an instant, with what will be done about it.
type OpenGap struct {
	Judged
	Actions []Action
	Left    *Left
}

// Bare tells whether nothing is planned and nobody said why not.
func (g OpenGap) Bare() bool {
	if g.Left != nil {
		return false
	}
	for _, a := range g.Actions {
		if a.Open() {
			return false
		}
	}
	return true
}

// Gaps are the gaps as they stood at an instant, by the order of the first
// answers. An action belongs to the gap for as long as it is open; a reason for
// doing nothing holds for the answer it was given on, and no later one.
func (e *Element) Gaps(at time.Time) []OpenGap {
	var out []OpenGap
	seen := map[string]bool{}
	for _, j := range e.Judged {
		if seen[j.Instrument] {
			continue
		}
		seen[j.Instrument] = true
		g := OpenGap{Judged: e.At(j.Instrument, at)}
		if !g.Answer.Short() {
			continue
		}
		for _, a := range e.Actions {
			if a.Instrument != j.Instrument || a.By.At.After(at) {
				continue
			}
			if !a.Open() && a.Closed.At.After(at) {
				a.Done, a.Closed = "", By{}
			}
			g.Actions = append(g.Actions, a)
		}
		for n := range e.Left {
			if l := &e.Left[n]; l.Instrument == j.Instrument && !l.By.At.Before(g.By.At) && !l.By.At.After(at) {
				g.Left = l
			}
		}
		out = append(out, g)
	}
	return out
}

// Events on an element.
type (
	// Answered says how far an instrument does what the element asks for.
	Answered struct {
		Instrument string                `json:"instrument,omitempty"`
		Answer     Answer                `json:"answer"`
		Provision  string                `json:"provision,omitempty"`
		Items      []string              `json:"items,omitempty"`
		Case       string                `json:"case,omitempty"`
		Wording    string                `json:"wording"`
		Reason     event.Private[string] `json:"reason"`
	}
	// ActionPlanned says what somebody will do about a gap by a day.
	ActionPlanned struct {
		ID         string                `json:"id"`
		Instrument string                `json:"instrument,omitempty"`
		Owner      string                `json:"owner"`
		Due        deadline.Date         `json:"due"`
		What       event.Private[string] `json:"what"`
	}
	// ActionClosed says what was done.
	ActionClosed struct {
		ID   string                `json:"id"`
		Done event.Private[string] `json:"done"`
	}
	// NoActionStated says why nothing will be done about a gap.
	NoActionStated struct {
		Instrument string                `json:"instrument,omitempty"`
		Reason     event.Private[string] `json:"reason"`
	}
	// Published says that the answers are public from now on, or no longer.
	Published struct {
		Public bool `json:"public"`
	}
)

// EventType implements event.Event.
func (Answered) EventType() string { return "element.answered" }

// EventType implements event.Event.
func (ActionPlanned) EventType() string { return "element.action_planned" }

// EventType implements event.Event.
func (ActionClosed) EventType() string { return "element.action_closed" }

// EventType implements event.Event.
func (NoActionStated) EventType() string { return "element.no_action_stated" }

// EventType implements event.Event.
func (Published) EventType() string { return "element.published" }

// Apply implements event.State.
func (e *Element) Apply(r event.Recorded) error {
	by := event.ByOf(r)
	e.ID = r.Stream.ID()
	switch x := r.Event.(type) {
	case Answered:
		e.Judged = append(e.Judged, Judged{x.Instrument, x.Answer, x.Provision, x.Items, x.Case, x.Reason.Value, x.Wording, by})
	case ActionPlanned:
		e.Actions = append(e.Actions, Action{ID: x.ID, Instrument: x.Instrument, What: x.What.Value, Owner: x.Owner, Due: x.Due, By: by})
	case ActionClosed:
		for n := range e.Actions {
			if e.Actions[n].ID == x.ID {
				e.Actions[n].Done, e.Actions[n].Closed = x.Done.Value, by
			}
		}
	case NoActionStated:
		e.Left = append(e.Left, Left{x.Instrument, x.Reason.Value, by})
	case Published:
		e.Shown = append(e.Shown, Shown{x.Public, by})
	default:
		return fmt.Errorf("instruments: an element does not know %q", r.Event.EventType())
	}
	e.Changed = by
	return nil
}

// Rows implements event.State: the open actions, each a duty of its owner (see
// Instrument.Rows). Their words are read on the page of the element.
func (e *Element) Rows() []event.Row {
	var rows []event.Row
	for _, a := range e.Actions {
		if a.Open() {
			rows = append(rows, event.Row{Table: "duty_row", ID: "action/" + a.ID, Columns: []event.Column{
				event.C("account", a.Owner), event.C("role", ""), event.C("kind", "action"), event.C("title", a.What),
				event.C("href", "/self-assessment/"+e.ID), event.C("compartment", ""), event.C("due", string(a.Due)),
			}})
		}
	}
	return rows
}
