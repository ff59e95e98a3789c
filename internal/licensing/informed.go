package licensing

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/party"
)

// KindInformed is the kind of the streams of informed letters: each says for
// which items and whom a licence is needed though no list names them.
const KindInformed = "informed"

// Bounds of what a letter covers.
const maxCovered = 50

// Inform tells one exporter, or every exporter of the state, that a licence is
// needed. It stands until it is lifted, whatever becomes of the case.
type Inform struct {
	On
	Letter      string        // id
	Org         string        // the exporter; empty: every exporter
	Basis       string        // provision that gives the power
	Items       string        // in words
	Users       []string      // names of end users that it is about, in any script; none: all
	Tariffs     []string      // tariff codes, from six digits on
	Destination string        // country; empty: all
	Text        string        // what exporters are told, and why as far as it may be told
	Until       deadline.Date // empty: until it is lifted
}

// LiftInformed ends a letter.
type LiftInformed struct {
	On
	Letter string
	Why    string
}

// Name is "case.inform".
func (Inform) Name() string { return "case.inform" }

// Name is "case.lift_informed".
func (LiftInformed) Name() string { return "case.lift_informed" }

// CaseInformed says in the case that a letter was sent. A case that the
// authority opened belongs to the exporter from then on.
type CaseInformed struct {
	Letter string `json:"letter"`
	Org    string `json:"org,omitempty"`
	Person string `json:"person"`
}

// CaseLifted says in the case that a letter was lifted.
type CaseLifted struct {
	Letter string                `json:"letter"`
	Person string                `json:"person"`
	Why    event.Private[string] `json:"why"`
}

// InformedText is what a letter says.
type InformedText struct {
	Items string   `json:"items"`
	Users []string `json:"users,omitempty"`
	Text  string   `json:"text"`
	Basis string   `json:"basis"`
}

// InformedSent opens a letter's stream.
type InformedSent struct {
	Reference   string                      `json:"reference"`
	Case        string                      `json:"case"`
	CaseRef     string                      `json:"case_ref"`
	Org         string                      `json:"org,omitempty"`
	Compartment string                      `json:"compartment,omitempty"`
	Destination string                      `json:"destination,omitempty"`
	Tariffs     []string                    `json:"tariffs,omitempty"`
	From        deadline.Date               `json:"from"`
	Until       deadline.Date               `json:"until,omitempty"`
	Text        event.Private[InformedText] `json:"text"`
}

// InformedLifted ends it.
type InformedLifted struct {
	Day deadline.Date `json:"day"`
}

// EventType is "case.informed".
func (CaseInformed) EventType() string { return "case.informed" }

// EventType is "case.informed_lifted".
func (CaseLifted) EventType() string { return "case.informed_lifted" }

// EventType is "informed.sent".
func (InformedSent) EventType() string { return "informed.sent" }

// EventType is "informed.lifted".
func (InformedLifted) EventType() string { return "informed.lifted" }

// SentLetter is an informed letter as its case knows it.
type SentLetter struct {
	Letter string    `json:"letter"`
	Org    string    `json:"org,omitempty"`
	At     time.Time `json:"at"`
	By     string    `json:"by"`
	Lifted time.Time `json:"lifted,omitzero"`
	Why    Text      `json:"why,omitzero"`
}

// Standing tells whether a letter of the case is in force.
func (c *Case) Standing(letter string) bool {
	return slices.ContainsFunc(c.Informed, func(s SentLetter) bool { return s.Letter == letter && s.Lifted.IsZero() })
}

func (d *decider) inform(cmd Inform) error {
	bad := fault.New(fault.Invalid, "licensing.informed.invalid")
	if cmd.Letter == "" || len(cmd.Letter) > 64 || slices.ContainsFunc(d.c.Informed, func(s SentLetter) bool { return s.Letter == cmd.Letter }) {
		bad.Field("letter", "licensing.id")
	}
	if d.c.Org != "" && cmd.Org != "" && cmd.Org != d.c.Org {
		bad.Field("org", "licensing.informed.other")
	}
	for name, s := range map[string]string{"basis": cmd.Basis, "items": cmd.Items, "text": cmd.Text} {
		if strings.TrimSpace(s) == "" || !party.Bounded(s, MaxLong) {
			bad.Field(name, "licensing.informed."+name)
		}
	}
	if len(cmd.Users)+len(cmd.Tariffs) == 0 && cmd.Destination == "" || len(cmd.Users) > maxCovered || len(cmd.Tariffs) > maxCovered {
		bad.Field("users", "licensing.informed.covers")
	}
	for _, u := range cmd.Users {
		if strings.TrimSpace(u) == "" || !party.Bounded(u, MaxShort) {
			bad.Field("users", "licensing.informed.covers")
		}
	}
	var tariffs []string
	for _, t := range cmd.Tariffs {
		digits := strings.NewReplacer(".", "", " ", "").Replace(t)
		if len(digits) < 4 || len(digits) > 14 || strings.Trim(digits, "0123456789") != "" {
			bad.Field("tariffs", "licensing.informed.tariff", "code", t)
		}
		if !slices.Contains(tariffs, digits) { // two lines may have one code
			tariffs = append(tariffs, digits)
		}
	}
	if cmd.Destination != "" && !party.ValidCountry(cmd.Destination) {
		bad.Field("destination", "party.country.unknown", "code", cmd.Destination)
	}
	today := deadline.DateOf(d.f.Now, d.f.zone())
	if cmd.Until != "" && (!cmd.Until.Valid() || cmd.Until <= today) {
		bad.Field("until", "licensing.date")
	}
	if err := bad.Or(); err != nil {
		return err
	}
	if d.f.Reference == "" {
		return missingFact("Reference")
	}
	if err := d.emit(CaseInformed{Letter: cmd.Letter, Org: cmd.Org, Person: d.f.Actor.person()}); err != nil {
		return err
	}
	stream := event.StreamOf(KindInformed, cmd.Letter)
	d.events = append(d.events, event.New{Stream: stream, Event: InformedSent{
		Reference: d.f.Reference, Case: d.c.ID, CaseRef: d.c.Reference, Org: cmd.Org, Compartment: d.c.Compartment, Destination: cmd.Destination,
		Tariffs: tariffs, From: today, Until: cmd.Until,
		Text: event.P(stream, InformedText{Items: cmd.Items, Users: cmd.Users, Text: cmd.Text, Basis: cmd.Basis}),
	}})
	return nil
}

func (d *decider) liftInformed(cmd LiftInformed) error {
	if !d.c.Standing(cmd.Letter) {
		return fault.New(fault.Conflict, "licensing.informed.none")
	}
	if err := text("why", cmd.Why, true); err != nil {
		return err
	}
	return d.lift(cmd.Letter, cmd.Why)
}

func (d *decider) lift(letter, why string) error {
	if err := d.emit(CaseLifted{Letter: letter, Person: d.f.Actor.person(), Why: d.private(why)}); err != nil {
		return err
	}
	d.events = append(d.events, event.New{Stream: event.StreamOf(KindInformed, letter), Event: InformedLifted{Day: deadline.DateOf(d.f.Now, d.f.zone())}})
	return nil
}

// unneeded lifts the case's letters where the decision finds that nothing of it
// needs a licence.
func (d *decider) unneeded(outcomes []LineOutcome, why string) error {
	for _, o := range outcomes {
		if o.Outcome != LineNotNeeded && o.Outcome != Undertaken {
			return nil
		}
	}
	for _, s := range d.c.Informed {
		if s.Lifted.IsZero() {
			if err := d.lift(s.Letter, why); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *Case) applyInformed(r event.Recorded) {
	switch e := r.Event.(type) {
	case CaseInformed:
		c.Informed = append(c.Informed, SentLetter{Letter: e.Letter, Org: e.Org, At: r.Time, By: r.Actor})
		if c.Org == "" {
			c.Org = e.Org
		}
	case CaseLifted:
		for i := range c.Informed {
			if c.Informed[i].Letter == e.Letter {
				c.Informed[i].Lifted, c.Informed[i].Why = r.Time, event.TextOf(e.Why)
			}
		}
	}
}

// InformedLetter is what the events of one "informed/ID" add up to.
type InformedLetter struct {
	InformedSent
	ID     string         `json:"id"`
	Words  InformedText   `json:"words"`
	Erased *event.Erasure `json:"erased,omitempty"`
	At     time.Time      `json:"at"`
	Lifted deadline.Date  `json:"lifted,omitempty"`
}

// Apply folds one more event in.
func (l *InformedLetter) Apply(r event.Recorded) error {
	switch e := r.Event.(type) {
	case InformedSent:
		*l = InformedLetter{InformedSent: e, ID: r.Stream.ID(), Words: e.Text.Value, Erased: e.Text.Erased, At: r.Time}
		l.Text = event.Private[InformedText]{}
	case InformedLifted:
		l.Lifted = e.Day
	default:
		return fmt.Errorf("licensing: an informed letter does not know %q", r.Event.EventType())
	}
	return nil
}

// Rows are the letter's list columns, and what it is found by.
func (l *InformedLetter) Rows() []event.Row {
	if l.ID == "" {
		return nil
	}
	until := l.Until
	if l.Lifted != "" {
		until = l.Lifted
	}
	rows := []event.Row{{Table: "informed_row", ID: l.ID, Columns: []event.Column{
		event.C("reference", l.Reference), event.C("case_id", l.Case), event.C("case_reference", l.CaseRef), event.C("org", l.Org), event.C("compartment", l.Compartment),
		event.C("destination", l.Destination), event.C("items", l.Words.Items), event.C("users", strings.Join(l.Words.Users, "; ")), event.C("told", l.Words.Text),
		event.C("basis", l.Words.Basis), event.C("lifted", l.Lifted != ""), event.C("valid_from", string(l.From)), event.C("valid_until", string(until)),
	}}}
	for i, u := range l.Words.Users {
		rows = append(rows, event.Row{Table: "informed_name", ID: fmt.Sprintf("%s/%d", l.ID, i+1), Columns: []event.Column{event.C("informed_id", l.ID), event.C("name_search", u)}})
	}
	for _, t := range l.Tariffs {
		rows = append(rows, event.Row{Table: "informed_tariff", ID: l.ID + "/" + t, Columns: []event.Column{event.C("informed_id", l.ID), event.C("digits", t)}})
	}
	return rows
}
