package certificate

import (
	"strings"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
)

var now = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

func paper() Paper {
	return Paper{Name: "Hospital of Belmar", Country: "XB", Applicant: "Norland Genomics", Items: []Item{{"1", "Sequencer", "1", "piece"}}, Clauses: []Clause{{"not_misused", "not misused"}, {"not_reexported", "not re-exported"}}}
}

// book is a case with two certificates, of which the first has a code.
func book(t *testing.T) *Book {
	t.Helper()
	b := &Book{}
	for _, cmd := range []any{Make{Case: "c", ID: "a", Assurance: "x", Paper: paper()}, Make{Case: "c", ID: "b", Assurance: "x", Paper: paper()}, OpenCode{Case: "c", ID: "a", CodeHash: "h"}} {
		do(t, b, cmd, now)
	}
	return b
}

func do(t *testing.T, b *Book, cmd any, at time.Time) {
	t.Helper()
	events, err := Decide(b, cmd, at)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		if err := b.Apply(event.Recorded{Stream: e.Stream, Event: e.Event, Time: at}); err != nil {
			t.Fatal(err)
		}
	}
}

func signature() Signature {
	return Signature{Name: "A. Person", Function: "Director", Basis: "Statute, article 4", Gives: []string{"not_misused"}}
}

func TestDecide(t *testing.T) {
	with := func(change func(*Signature)) Sign {
		s := signature()
		change(&s)
		return Sign{Case: "c", ID: "a", CodeHash: "h", Signature: s}
	}
	same := func(*Signature) {}
	for _, c := range []struct {
		name  string
		given []any
		cmd   any
		later time.Duration
		want  fault.Code
		field string
	}{
		{"signed with its code", nil, with(same), 0, "", ""},
		{"on the last day", nil, with(same), Valid - time.Minute, "", ""},
		{"past its time", nil, with(same), Valid, fault.NotFound, ""},
		{"with a code that is none", nil, Sign{Case: "c", ID: "a", CodeHash: "other", Signature: signature()}, 0, fault.NotFound, ""},
		{"with the code of another", nil, Sign{Case: "c", ID: "b", CodeHash: "h", Signature: signature()}, 0, fault.NotFound, ""},
		{"with no code", nil, Sign{Case: "c", ID: "b", Signature: signature()}, 0, fault.NotFound, ""},
		{"twice", []any{with(same)}, with(same), 0, fault.NotFound, ""},
		{"after it was taken back", []any{End{"c", "a"}}, with(same), 0, fault.NotFound, ""},
		{"with an earlier code", []any{OpenCode{"c", "a", "new"}}, with(same), 0, fault.NotFound, ""},
		{"without a name", nil, with(func(s *Signature) { s.Name = " " }), 0, fault.Invalid, "name"},
		{"without a function", nil, with(func(s *Signature) { s.Function = "" }), 0, fault.Invalid, "function"},
		{"without a basis", nil, with(func(s *Signature) { s.Basis = "" }), 0, fault.Invalid, "basis"},
		{"with a long text", nil, with(func(s *Signature) { s.Remarks = strings.Repeat("x", maxText+1) }), 0, fault.Invalid, "remarks"},
		{"with a clause of its own", nil, with(func(s *Signature) { s.Gives = []string{"other"} }), 0, fault.Invalid, "gives"},
		{"declining every clause", nil, with(func(s *Signature) { s.Gives = nil }), 0, "", ""},
		{"a code for one that is signed", []any{with(same)}, OpenCode{"c", "a", "n"}, 0, fault.Blocked, ""},
		{"a code for one that was taken back", []any{End{"c", "b"}}, OpenCode{"c", "b", "n"}, 0, fault.Blocked, ""},
		{"a code for one that is not there", nil, OpenCode{"c", "z", "n"}, 0, fault.NotFound, ""},
		{"taking back one that is signed", []any{with(same)}, End{"c", "a"}, 0, fault.Blocked, ""},
		{"one without assurances", nil, Make{Case: "c", ID: "n", Paper: Paper{Items: paper().Items}}, 0, fault.Invalid, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := book(t)
			for _, cmd := range c.given {
				do(t, b, cmd, now)
			}
			_, err := Decide(b, c.cmd, now.Add(c.later))
			if c.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if !fault.Is(err, c.want) {
				t.Fatalf("got %v, want %s", err, c.want)
			}
			if c.field != "" && err.(*fault.Error).Fields[0].Name != c.field {
				t.Fatalf("the mistake is at %v", err.(*fault.Error).Fields)
			}
		})
	}
}

// A code is a row as long as something can be signed with it; the text signed is
// the text that was sent.
func TestCodesAreRows(t *testing.T) {
	b := book(t)
	if rows := b.Rows(); len(rows) != 1 || rows[0].ID != "h" {
		t.Fatal(rows)
	}
	events, err := Decide(b, Sign{Case: "c", ID: "a", CodeHash: "h", Signature: signature()}, now)
	if err != nil || events[0].Event.(Signed).Hash != paper().Hash() {
		t.Fatal(events, err)
	}
	do(t, b, Sign{Case: "c", ID: "a", CodeHash: "h", Signature: signature()}, now)
	if rows := b.Rows(); len(rows) != 0 {
		t.Fatal(rows)
	}
	other := paper()
	other.Items[0].Quantity = "2"
	if other.Hash() == paper().Hash() {
		t.Fatal("another text has the same name")
	}
}
