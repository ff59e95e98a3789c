package party

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/comity-project/comity/internal/event"
)

func alike(a, b any) bool {
	va, vb := reflect.ValueOf(a), reflect.ValueOf(b)
	return va.Len() == 0 && vb.Len() == 0 || reflect.DeepEqual(a, b)
}

// Apply folds one more event in.
func (e *Entry) Apply(r event.Recorded) error {
	e.Changed = r.Time
	switch v := r.Event.(type) {
	case Registered:
		*e = Entry{
			ID: r.Stream.ID(), Kind: v.Kind, Tie: v.Tie, Country: v.Country, Source: v.Source, Retain: v.Retain,
			Details: v.Details.Value, Units: v.Units.Value, Erased: v.Details.Erased, Registered: r.Time, Changed: r.Time,
		}
		if v.Record.Owner != "" && v.Record.Erased == nil {
			record := v.Record.Value
			e.Record = &record
		}
	case Renamed:
		e.gone(v.Names.Erased)
		if e.Erased == nil {
			e.Past = append(e.Past, PastName{Names: e.Details.Names, Until: v.Until})
			e.Details.Names = v.Names.Value
		}
	case UnitLinked:
		e.Links = append(e.Links, UnitLink{Parent: v.Parent, Unit: v.Unit, From: v.From, Until: v.Until, Source: v.Source.Value})
	case Reorganised:
		e.gone(v.Units.Erased)
		e.Units = v.Units.Value
	case Corrected:
		e.gone(v.Details.Erased)
		e.Country, e.Tie = v.Country, v.Tie
		if e.Erased == nil {
			e.Details = v.Details.Value
		}
	case Objected:
		e.Objections = append(e.Objections, Objection{ID: v.Objection, Received: v.Received, Text: v.Text.Value, Erased: v.Text.Erased})
	case ObjectionAnswered:
		if o := e.objection(v.Objection); o != nil {
			o.Answered, o.Upheld, o.Answer = r.Time, v.Upheld, v.Answer.Value
		}
	default:
		return fmt.Errorf("party: the register does not know %q", r.Event.EventType())
	}
	return nil
}

// gone notes that the entry's key was destroyed: every private part of it went
// at once, whichever event is read first.
func (e *Entry) gone(at *event.Erasure) {
	if at != nil {
		e.Erased, e.Details, e.Past, e.Record = at, Details{}, nil, nil
	}
}

// OpenObjections counts the objections that wait for an answer.
func (e *Entry) OpenObjections() int {
	n := 0
	for _, o := range e.Objections {
		if o.Answered.IsZero() {
			n++
		}
	}
	return n
}

// Rows are the entry's list columns and side tables. Each table has id and
// stream besides these:
//
//	party_row   id = entry id
//	  kind text, tie text, country text, name text ("" where erased), name_search text (to be folded by the store), natural bool,
//	  retain_until text, objections int (open ones), registered time, changed time, erased bool
//	party_name  id = entry id/number
//	  party text, text text, latin text, kind text, script text, language text, past bool
//	party_unit  id = entry id/unit id
//	  party text, unit text, parent text, level text, name text, country text, valid_from text, valid_until text
//	party_link  id = entry id/number
//	  party text, parent text, unit text, valid_from text, valid_until text
//	search      id = "party/" and entry id
//	  kind "party", org "", compartment "", title text, text text
func (e *Entry) Rows() []event.Row {
	if e.ID == "" {
		return nil
	}
	words := []string{NameText(e.Details.Names)}
	for _, past := range e.Past {
		words = append(words, NameText(past.Names))
	}
	rows := []event.Row{{Table: "party_row", ID: e.ID, Columns: []event.Column{
		event.C("kind", string(e.Kind)), event.C("tie", string(e.Tie)), event.C("country", e.Country), event.C("name", PrimaryName(e.Details.Names)),
		event.C("name_search", strings.Join(words, "\n")), event.C("natural", e.Kind == Person), event.C("retain_until", e.Retain),
		event.C("objections", int64(e.OpenObjections())), event.C("registered", e.Registered), event.C("changed", e.Changed), event.C("erased", e.Erased != nil),
	}}}
	n := 0
	name := func(names []Name, past bool) {
		for _, v := range names {
			n++
			rows = append(rows, event.Row{Table: "party_name", ID: fmt.Sprintf("%s/%d", e.ID, n), Columns: []event.Column{
				event.C("party", e.ID), event.C("text", v.Text), event.C("latin", v.Latin), event.C("kind", string(v.Kind)),
				event.C("script", v.Script), event.C("language", v.Language), event.C("past", past),
			}})
		}
	}
	name(e.Details.Names, false)
	for _, past := range e.Past {
		name(past.Names, true)
	}
	for _, u := range e.Units {
		words = append(words, NameText(u.Names))
		rows = append(rows, event.Row{Table: "party_unit", ID: e.ID + "/" + u.ID, Columns: []event.Column{
			event.C("party", e.ID), event.C("unit", u.ID), event.C("parent", u.Parent), event.C("level", string(u.Level)), event.C("name", PrimaryName(u.Names)),
			event.C("country", u.Country), event.C("valid_from", u.From), event.C("valid_until", u.Until),
		}})
	}
	for i, l := range e.Links {
		rows = append(rows, event.Row{Table: "party_link", ID: fmt.Sprintf("%s/%d", e.ID, i+1), Columns: []event.Column{
			event.C("party", e.ID), event.C("parent", l.Parent), event.C("unit", l.Unit), event.C("valid_from", l.From), event.C("valid_until", l.Until),
		}})
	}
	return append(rows, event.Row{Table: "search", ID: "party/" + e.ID, Columns: []event.Column{
		event.C("kind", "party"), event.C("org", ""), event.C("compartment", ""), event.C("title", PrimaryName(e.Details.Names)), event.C("text", strings.Join(words, "\n")),
	}})
}
