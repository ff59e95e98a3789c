package register

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
)

func ids(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("id-%d", i)
	}
	return out
}

// adopt decides and folds, with people erased whose owner is in gone.
func adopt(t *testing.T, s *InUse, r Register, fresh []string, gone ...event.Stream) Adopted {
	t.Helper()
	events, err := Decide(s, Adopt{Register: r, Source: "sha256:00", Note: " letter ", Fresh: fresh})
	if err != nil {
		t.Fatal(err)
	}
	e := events[0].Event.(Adopted)
	told := e
	told.People = slices.Clone(e.People)
	for i := range told.People {
		if slices.Contains(gone, told.People[i].Person.Owner) {
			told.People[i].Person = event.Private[Person]{Owner: told.People[i].Person.Owner, Erased: &event.Erasure{Rule: "asked"}}
		}
	}
	if err := s.Apply(event.Recorded{Stream: Stream, Version: s.Version + 1, Time: time.Unix(0, 0).UTC(), Actor: "keeper", Event: told}); err != nil {
		t.Fatal(err)
	}
	return e
}

func TestAdopt(t *testing.T) {
	r, err := shipped(t).Designate("EC", Contact{Office: "Ministry", Person: "Rosa Ejemplo", Email: "rosa@example.org", From: "2024-01-01"})
	if err != nil {
		t.Fatal(err)
	}
	s := &InUse{}
	e := adopt(t, s, r, ids(1))
	kept, err := json.Marshal(e)
	if err != nil || strings.Contains(string(kept), "Rosa") || strings.Contains(string(kept), "rosa@") {
		t.Errorf("the kept part names a person (%v)", err)
	}
	if same, err := equal(s.Register, r); err != nil || !same {
		t.Error("what is in use is not what was adopted")
	}
	if _, err := Decide(s, Adopt{Register: r, Note: "again", Fresh: ids(1)}); !fault.Is(err, fault.Conflict) {
		t.Errorf("the same once more: %v", err)
	}
	var f *fault.Error
	if _, err := Decide(s, Adopt{Register: Register{}, Note: ""}); !errors.As(err, &f) || len(f.Fields) != 2 {
		t.Errorf("an empty register without a word: %v", err)
	}

	// The same person in the next version keeps their key; an erased one is gone.
	next := r
	next.AsOf = "2026-11-24"
	second := adopt(t, s, next, []string{"other"}, e.People[0].Person.Owner)
	if second.People[0].Person.Owner != e.People[0].Person.Owner {
		t.Error("the same person got another key")
	}
	ec, _ := s.Register.State("EC")
	if c := ec.Contacts[0]; c.Person != "" || c.Email != "" || c.Office != "Ministry" {
		t.Errorf("after the erasure: %+v", c)
	}
	// Named again after it: a new owner, since the old key is gone for good.
	third := adopt(t, s, r, []string{"new"})
	if third.People[0].Person.Owner != "person/new" {
		t.Errorf("the owner is %s", third.People[0].Person.Owner)
	}
	if err := s.Apply(event.Recorded{Event: nil}); err == nil {
		t.Error("the register takes any event")
	}
}

func TestCompare(t *testing.T) {
	before := shipped(t)
	if d, err := Compare(before, before); err != nil || len(d) != 0 {
		t.Fatalf("with itself: %v, %v", d, err)
	}
	after, err := before.Subscribe("QX", "Newland", Subscription{From: "2026-01-01", Document: "letter"})
	if err != nil {
		t.Fatal(err)
	}
	after.AsOf = "2026-12-01"
	after.States = slices.DeleteFunc(slices.Clone(after.States), func(s State) bool { return s.Code == "XK" })
	for i, s := range after.States {
		if s.Code == "FR" {
			after.States[i].Memberships = slices.Clone(s.Memberships[1:])
		}
	}
	diff, err := Compare(before, after)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][4]any{}
	for _, d := range diff {
		got[d.Code] = [4]any{d.Came, d.Went, len(d.Less) > 0, len(d.More) > 0}
	}
	want := map[string][4]any{
		"": {false, false, true, true}, "QX": {true, false, false, true}, "XK": {false, true, true, false}, "FR": {false, false, true, false},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("differs in %v, want %v", got, want)
	}
}
