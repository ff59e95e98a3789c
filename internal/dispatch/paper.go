package dispatch

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
)

// KindPaper is the kind of the streams of papers: "paper/ID".
const KindPaper = "paper"

// From is what a paper was raised from, "" where from nothing.
type From struct {
	Item string `json:"item,omitempty"` // source of the library, as a reviewed summary
	Case string `json:"case,omitempty"`
	Leaf string `json:"leaf,omitempty"` // statement of another state
}

// Answers are those of the harm check. Yes to any of the first five means that
// the paper is not ready.
type Answers struct {
	Place      bool   `json:"place,omitempty"`      // somebody could be found by a place
	Date       bool   `json:"date,omitempty"`       // by a date
	Detail     bool   `json:"detail,omitempty"`     // by a rare detail
	Population bool   `json:"population,omitempty"` // because few people are like that
	Misuse     bool   `json:"misuse,omitempty"`     // a recipient or its services could turn it against somebody
	Consent    string `json:"consent"`              // one of Consents
	Coarse     bool   `json:"coarse"`               // the origin is said no closer than it must
}

// Harmless tells whether the answers let the paper out.
func (a Answers) Harmless() bool {
	return !a.Place && !a.Date && !a.Detail && !a.Population && !a.Misuse && a.Coarse && a.Consent != "withheld"
}

// Events on a paper.
type (
	// Written says what the draft says from now on; it begins the paper.
	Written struct {
		Kind     Kind                   `json:"kind"`
		From     From                   `json:"from,omitzero"`
		Handling Handling               `json:"handling"`
		Content  event.Private[Content] `json:"content"`
	}
	// Checked is the harm check of the draft by a second person.
	Checked struct {
		Draft   int                   `json:"draft"`
		Passed  bool                  `json:"passed"`
		Answers Answers               `json:"answers"`
		Note    event.Private[string] `json:"note"`
	}
	// Read says that another person again has read a draft that names a person.
	Read struct {
		Draft int `json:"draft"`
	}
	// Issued gives a version to its audience. Leaves are those of the signed
	// envelopes, one for each object and then one for each recall that
	// narrowing sends, in their order.
	Issued struct {
		Number   int       `json:"number"`
		Draft    int       `json:"draft"`
		Handling Handling  `json:"handling"`
		Created  time.Time `json:"created"`  // of the objects
		Modified time.Time `json:"modified"` // of the objects: unchanged where only the audience is
		Leaves   []string  `json:"leaves"`
		Left     []string  `json:"left,omitempty"` // states left out because they have not accepted the procedure
		Revoked  bool      `json:"revoked,omitempty"`
	}
	// Recalled takes all versions back from states.
	Recalled struct {
		From     []string              `json:"from"`
		Disposal string                `json:"disposal"`
		Leaves   []string              `json:"leaves"`
		Why      event.Private[string] `json:"why"` // for us alone
	}
	// Dropped ends a draft that was never issued.
	Dropped struct{}
)

// EventType implements event.Event.
func (Written) EventType() string { return "paper.written" }

// EventType implements event.Event.
func (Checked) EventType() string { return "paper.checked" }

// EventType implements event.Event.
func (Read) EventType() string { return "paper.read" }

// EventType implements event.Event.
func (Issued) EventType() string { return "paper.issued" }

// EventType implements event.Event.
func (Recalled) EventType() string { return "paper.recalled" }

// EventType implements event.Event.
func (Dropped) EventType() string { return "paper.dropped" }

// Check is a harm check as it stands in a paper.
type Check struct {
	Draft   int     `json:"draft"`
	Passed  bool    `json:"passed"`
	Answers Answers `json:"answers"`
	Note    string  `json:"note,omitempty"`
	By      By      `json:"by"`
}

// Release is one version that was issued.
type Release struct {
	Issued
	By By `json:"by"`
}

// Taking is one recall.
type Taking struct {
	From     []string `json:"from"`
	Disposal string   `json:"disposal"`
	Why      string   `json:"why,omitempty"`
	By       By       `json:"by"`
}

// Paper is one thing that we say to other states.
type Paper struct {
	ID       string         `json:"id"`
	Kind     Kind           `json:"kind"`
	From     From           `json:"from,omitzero"`
	Content  Content        `json:"content"`
	Handling Handling       `json:"handling"`
	Draft    int            `json:"draft"`
	Writer   By             `json:"writer"`
	Writers  []string       `json:"writers"` // accounts, each once
	Check    *Check         `json:"check,omitempty"`
	Reader   *By            `json:"reader,omitempty"`
	Said     Content        `json:"said"` // as it was last issued
	Releases []Release      `json:"releases,omitempty"`
	Takings  []Taking       `json:"takings,omitempty"`
	Leaves   []string       `json:"leaves,omitempty"` // of all envelopes that it made
	Ended    *By            `json:"ended,omitempty"`
	Changed  time.Time      `json:"changed"`
	Erased   *event.Erasure `json:"erased,omitempty"`
}

// Apply implements event.State.
func (p *Paper) Apply(r event.Recorded) error {
	by := event.ByOf(r)
	switch e := r.Event.(type) {
	case Written:
		p.ID, p.Kind, p.From, p.Handling, p.Content, p.Writer = r.Stream.ID(), e.Kind, e.From, e.Handling, e.Content.Value, by
		p.Draft++
		p.Check, p.Reader = nil, nil
		if !slices.Contains(p.Writers, r.Actor) {
			p.Writers = append(p.Writers, r.Actor)
		}
		if e.Content.Erased != nil {
			p.Erased = e.Content.Erased
		}
	case Checked:
		p.Check = &Check{e.Draft, e.Passed, e.Answers, e.Note.Value, by}
	case Read:
		p.Reader = &by
	case Issued:
		if !e.Revoked && e.Draft == p.Draft {
			p.Said = p.Content
		}
		p.Releases = append(p.Releases, Release{e, by})
		p.Leaves = append(p.Leaves, e.Leaves...)
	case Recalled:
		p.Takings = append(p.Takings, Taking{e.From, e.Disposal, e.Why.Value, by})
		p.Leaves = append(p.Leaves, e.Leaves...)
	case Dropped:
		p.Ended = &by
	default:
		return fmt.Errorf("dispatch: a paper does not know %q", r.Event.EventType())
	}
	p.Changed = r.Time
	return nil
}

// Last is the version that stands; false where none was issued.
func (p *Paper) Last() (Release, bool) {
	if len(p.Releases) == 0 {
		return Release{}, false
	}
	return p.Releases[len(p.Releases)-1], true
}

// Have are the states that have the version that stands.
func (p *Paper) Have() (states []string) {
	last, ok := p.Last()
	if !ok {
		return nil
	}
	for _, s := range last.Handling.Audience {
		if !slices.ContainsFunc(p.Takings, func(t Taking) bool { return t.By.At.After(last.By.At) && slices.Contains(t.From, s) }) {
			states = append(states, s)
		}
	}
	return states
}

// State is where a paper stands: "draft", "checked", "held", "issued", "changed",
// "revoked", "dropped".
func (p *Paper) State() string {
	last, issued := p.Last()
	switch {
	case p.Ended != nil:
		return "dropped"
	case issued && last.Revoked:
		return "revoked"
	case issued && last.Draft == p.Draft:
		return "issued"
	case p.Check != nil && p.Check.Draft == p.Draft && p.Check.Passed:
		return "checked"
	case p.Check != nil && p.Check.Draft == p.Draft:
		return "held"
	case issued:
		return "changed"
	}
	return "draft"
}

// Issued are the leaves of the envelopes that the paper made, in their order.
func (p *Paper) Issued() []string { return p.Leaves }

// Overdue tells whether the paper had to be looked at before a day, or a
// procedure's review day has passed. It still works.
func (p *Paper) Overdue(on deadline.Date) bool {
	by := p.Handling.ReviewBy
	if p.Content.Procedure != nil {
		by = p.Content.Procedure.ReviewBy
	}
	return by != "" && by < on
}

// Rows are the paper's list columns. Each table has id and stream besides these:
//
//	paper_row  id = paper id
//	  kind text, state text, title text, tlp text, audience int, case_id text, writer text, changed time
func (p *Paper) Rows() []event.Row {
	if p.ID == "" {
		return nil
	}
	return []event.Row{{Table: "paper_row", ID: p.ID, Columns: []event.Column{
		event.C("kind", string(p.Kind)), event.C("state", p.State()), event.C("title", strings.TrimSpace(p.Content.Title)), event.C("tlp", p.Handling.TLP),
		event.C("audience", int64(len(p.Have()))), event.C("case_id", p.From.Case), event.C("writer", p.Writer.Account), event.C("changed", p.Changed),
	}}}
}

// NeedsReader tells whether the draft names a natural person and nobody has read
// it a second time.
func (p *Paper) NeedsReader() bool { return len(p.Content.persons()) > 0 && p.Reader == nil }
