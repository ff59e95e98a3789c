package party

import (
	"time"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
)

// StreamKind is the kind of the streams of the register: "party/ID".
const StreamKind = "party"

// Entry is one party of the register: what the events of "party/ID" add up to.
// It is who somebody is, apart from any one application, so that everything
// that was ever asked for them can be found together.
type Entry struct {
	ID         string         `json:"id"`
	Kind       Kind           `json:"kind"`
	Tie        Tie            `json:"tie,omitempty"`
	Country    string         `json:"country"`
	Source     string         `json:"source"` // where the entry comes from, "case/ID" or a register
	Retain     string         `json:"retain,omitempty"`
	Details    Details        `json:"details"`
	Record     *Record        `json:"record,omitempty"` // for natural persons
	Erased     *event.Erasure `json:"erased,omitempty"`
	Past       []PastName     `json:"past,omitempty"` // names it had, and until when
	Links      []UnitLink     `json:"links,omitempty"`
	Units      Tree           `json:"units,omitempty"` // for agencies: their parts, dated
	Objections []Objection    `json:"objections,omitempty"`
	Registered time.Time      `json:"registered"`
	Changed    time.Time      `json:"changed"`
}

// PastName is a name that was replaced.
type PastName struct {
	Names []Name `json:"names"`
	Until string `json:"until"` // ISO date
}

// UnitLink says that this entry is a unit of another entry, for a time.
type UnitLink struct {
	Parent string `json:"parent"` // id of the entry above
	Unit   string `json:"unit"`   // id of the unit in its tree; empty: a part not further known
	From   string `json:"from,omitempty"`
	Until  string `json:"until,omitempty"`
	Source string `json:"source,omitempty"`
}

// Objection is what a party said against being held, or against what is held.
type Objection struct {
	ID       string         `json:"id"`
	Received string         `json:"received"` // ISO date
	Text     string         `json:"text,omitempty"`
	Erased   *event.Erasure `json:"erased,omitempty"`
	Answered time.Time      `json:"answered,omitzero"`
	Upheld   bool           `json:"upheld,omitempty"`
	Answer   string         `json:"answer,omitempty"`
}

// Registered opens an entry. A natural person's kept part says nothing but the
// kind, the country and how long they may be held.
type Registered struct {
	Kind    Kind                   `json:"kind"`
	Tie     Tie                    `json:"tie,omitempty"`
	Country string                 `json:"country"`
	Source  string                 `json:"source"`
	Retain  string                 `json:"retain,omitempty"` // ISO date; natural persons
	Details event.Private[Details] `json:"details"`
	Record  event.Private[Record]  `json:"record"` // natural persons
	Units   event.Private[[]Unit]  `json:"units"`
}

// Renamed gives new names; the old ones stay with the day until which they were
// in use.
type Renamed struct {
	Until string                `json:"until"`
	Names event.Private[[]Name] `json:"names"`
}

// UnitLinked makes the entry a unit of another, for a time.
type UnitLinked struct {
	Parent string                `json:"parent"`
	Unit   string                `json:"unit,omitempty"`
	From   string                `json:"from,omitempty"`
	Until  string                `json:"until,omitempty"`
	Source event.Private[string] `json:"source"`
}

// Reorganised replaces the tree of units; units that ended stay in it with the
// day of their end.
type Reorganised struct {
	Units event.Private[[]Unit] `json:"units"`
}

// Corrected replaces what was wrong, at whose request and why. The wrong
// details are in earlier events and go when those are erased.
type Corrected struct {
	Fields  []string               `json:"fields"` // which parts: "names", "addresses", "identifiers", "country", "tie", "website"
	Country string                 `json:"country,omitempty"`
	Tie     Tie                    `json:"tie,omitempty"`
	Details event.Private[Details] `json:"details"`
	Why     event.Private[string]  `json:"why"`
}

// Objected is an objection that was received.
type Objected struct {
	Objection string                `json:"objection"`
	Received  string                `json:"received"`
	Text      event.Private[string] `json:"text"`
}

// ObjectionAnswered is the answer to it.
type ObjectionAnswered struct {
	Objection string                `json:"objection"`
	Upheld    bool                  `json:"upheld"`
	Answer    event.Private[string] `json:"answer"`
}

// Events are one zero value of each event of this package, for the registry.
func Events() []event.Event {
	return []event.Event{Registered{}, Renamed{}, UnitLinked{}, Reorganised{}, Corrected{}, Objected{}, ObjectionAnswered{}}
}

// EventType is "party.registered".
func (Registered) EventType() string { return "party.registered" }

// EventType is "party.renamed".
func (Renamed) EventType() string { return "party.renamed" }

// EventType is "party.unit_linked".
func (UnitLinked) EventType() string { return "party.unit_linked" }

// EventType is "party.reorganised".
func (Reorganised) EventType() string { return "party.reorganised" }

// EventType is "party.corrected".
func (Corrected) EventType() string { return "party.corrected" }

// EventType is "party.objected".
func (Objected) EventType() string { return "party.objected" }

// EventType is "party.objection_answered".
func (ObjectionAnswered) EventType() string { return "party.objection_answered" }

// Command is something to be done to an entry.
type Command interface{ Stream() event.Stream }

// On names the entry that a command is for.
type On struct {
	Entry string `json:"entry"` // id
}

// Stream is the entry's stream.
func (o On) Stream() event.Stream { return event.StreamOf(StreamKind, o.Entry) }

// Register opens an entry from a party of an application or from a public
// register. Its roles in that application stay there.
type Register struct {
	On
	Party  Party
	Source string
}

// Rename gives an entry new names.
type Rename struct {
	On
	Names []Name
	Until string // last day of the old names, ISO date
}

// LinkUnit makes an entry a unit of another.
type LinkUnit struct {
	On
	Link UnitLink
}

// Reorganise replaces the tree of units.
type Reorganise struct {
	On
	Units Tree
}

// Correct replaces what is wrong.
type Correct struct {
	On
	Country string
	Tie     Tie
	Details Details
	Why     string
}

// Object records an objection.
type Object struct {
	On
	Objection string // id
	Received  string // ISO date
	Text      string
}

// AnswerObjection answers it.
type AnswerObjection struct {
	On
	Objection string
	Upheld    bool
	Answer    string
}

// Decide answers a command with the event that follows from it, or with a
// fault. Nothing else is needed: an entry is decided by what is in it.
func Decide(e *Entry, cmd Command) ([]event.New, error) {
	_, opens := cmd.(Register)
	switch {
	case opens && e.ID != "":
		return nil, fault.New(fault.Conflict, "party.entry.exists")
	case !opens && e.ID == "":
		return nil, fault.New(fault.NotFound, "party.entry.unknown")
	case !opens && e.Erased != nil:
		return nil, fault.New(fault.Blocked, "party.entry.erased", "date", e.Erased.Time, "rule", e.Erased.Rule)
	}
	ev, err := decide(e, cmd)
	if err != nil {
		return nil, err
	}
	return []event.New{{Stream: cmd.Stream(), Event: ev}}, nil
}

func decide(e *Entry, cmd Command) (event.Event, error) {
	f := fault.New(fault.Invalid, "party.entry.invalid")
	own := cmd.Stream()
	switch cmd := cmd.(type) {
	case Register:
		return register(cmd, own)
	case Rename:
		validateNames(f, "names", cmd.Names)
		if len(cmd.Names) == 0 {
			f.Field("names", "party.name.empty")
		}
		if !validDate(cmd.Until) {
			f.Field("until", "party.span")
		}
		return Renamed{Until: cmd.Until, Names: event.P(own, cmd.Names)}, f.Or()
	case LinkUnit:
		l := cmd.Link
		if l.Parent == "" || l.Parent == e.ID || len(l.Parent) > 64 || len(l.Unit) > 64 || tooLong(l.Source) {
			f.Field("parent", "party.tree.parent", "unit", l.Parent)
		}
		if !ValidSpan(l.From, l.Until) {
			f.Field("from", "party.span")
		}
		return UnitLinked{Parent: l.Parent, Unit: l.Unit, From: l.From, Until: l.Until, Source: event.P(own, l.Source)}, f.Or()
	case Reorganise:
		cmd.Units.validate(f, "units")
		if e.Kind == Person {
			f.Field("units", "party.tree.person")
		}
		return Reorganised{Units: event.P(own, []Unit(cmd.Units))}, f.Or()
	case Correct:
		return correct(e, cmd, own)
	case Object:
		if cmd.Objection == "" || e.objection(cmd.Objection) != nil || !validDate(cmd.Received) {
			f.Field("objection", "party.objection")
		}
		if cmd.Text == "" || tooLong(cmd.Text) {
			f.Field("text", "party.too_long", "max", MaxText)
		}
		return Objected{Objection: cmd.Objection, Received: cmd.Received, Text: event.P(own, cmd.Text)}, f.Or()
	case AnswerObjection:
		o := e.objection(cmd.Objection)
		switch {
		case o == nil:
			return nil, fault.New(fault.NotFound, "party.objection.unknown")
		case !o.Answered.IsZero():
			return nil, fault.New(fault.Conflict, "party.objection.answered")
		}
		if cmd.Answer == "" || tooLong(cmd.Answer) {
			f.Field("answer", "party.too_long", "max", MaxText)
		}
		return ObjectionAnswered{Objection: cmd.Objection, Upheld: cmd.Upheld, Answer: event.P(own, cmd.Answer)}, f.Or()
	}
	return nil, fault.New(fault.Internal, "fault.internal")
}

func register(cmd Register, own event.Stream) (event.Event, error) {
	p, f := cmd.Party, fault.New(fault.Invalid, "party.entry.invalid")
	p.ID = cmd.Entry
	if len(p.Roles) == 0 {
		p.Roles = []Role{ThirdParty} // an entry has no role; Validate asks for one
	}
	p.Validate(f, "party")
	if p.Name() == "" {
		f.Field("party.names", "party.name.empty")
	}
	if !ValidCountry(p.Country) {
		f.Field("party.country", "party.country.unknown", "code", p.Country)
	}
	if cmd.Source == "" || tooLong(cmd.Source) {
		f.Field("source", "party.record.missing")
	}
	_, details := p.Apart()
	r := Registered{Kind: p.Kind, Tie: p.Tie, Country: p.Country, Source: cmd.Source, Details: event.P(own, details)}
	if len(p.Tree) > 0 {
		r.Units = event.P(own, []Unit(p.Tree))
	}
	if p.Kind == Person && p.Record != nil {
		r.Retain, r.Record = p.Record.RetainUntil, event.P(own, *p.Record)
	}
	return r, f.Or()
}

func correct(e *Entry, cmd Correct, own event.Stream) (event.Event, error) {
	f := fault.New(fault.Invalid, "party.entry.invalid")
	p := Party{ID: e.ID, Roles: []Role{ThirdParty}, Kind: e.Kind, Tie: cmd.Tie, Country: cmd.Country, Record: e.Record}.Joined(cmd.Details)
	p.Validate(f, "party")
	if p.Name() == "" {
		f.Field("party.names", "party.name.empty")
	}
	if !ValidCountry(cmd.Country) {
		f.Field("party.country", "party.country.unknown", "code", cmd.Country)
	}
	if cmd.Why == "" || tooLong(cmd.Why, cmd.Details.Email, cmd.Details.Phone) {
		f.Field("why", "party.too_long", "max", MaxText)
	}
	ev := Corrected{Country: cmd.Country, Tie: cmd.Tie, Details: event.P(own, cmd.Details), Why: event.P(own, cmd.Why)}
	for _, part := range []struct {
		name    string
		differs bool
	}{
		{"names", !alike(e.Details.Names, cmd.Details.Names)},
		{"addresses", !alike(e.Details.Addresses, cmd.Details.Addresses)},
		{"identifiers", !alike(e.Details.Identifiers, cmd.Details.Identifiers)},
		{"website", e.Details.Website != cmd.Details.Website},
		{"contact", e.Details.Email != cmd.Details.Email || e.Details.Phone != cmd.Details.Phone},
		{"country", e.Country != cmd.Country},
		{"tie", e.Tie != cmd.Tie},
	} {
		if part.differs {
			ev.Fields = append(ev.Fields, part.name)
		}
	}
	if len(ev.Fields) == 0 {
		return nil, fault.New(fault.Conflict, "party.correct.same")
	}
	return ev, f.Or()
}

func (e *Entry) objection(id string) *Objection {
	for i := range e.Objections {
		if e.Objections[i].ID == id {
			return &e.Objections[i]
		}
	}
	return nil
}
