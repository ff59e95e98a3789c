package rulebook_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/rulebook"
)

var at = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

// book folds events, each by its actor.
func book(t *testing.T, by string, events ...event.Event) *rulebook.State {
	t.Helper()
	s := &rulebook.State{}
	for i, e := range events {
		if err := s.Apply(event.Recorded{Stream: rulebook.Stream, Version: int64(i + 1), Time: at.Add(time.Duration(i) * time.Minute), Actor: by, Event: e}); err != nil {
			t.Fatal(err)
		}
	}
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var back rulebook.State
	if err := json.Unmarshal(b, &back); err != nil || !reflect.DeepEqual(&back, s) {
		t.Fatalf("the state does not survive: %v", err)
	}
	return s
}

func proposed(id, hash string) rulebook.Proposed {
	return rulebook.Proposed{ID: id, Base: "h0", Pack: rulebook.Pack{ID: "p", Version: id, Hash: hash, Object: "o", From: "2026-01-01"}}
}

func TestDecide(t *testing.T) {
	moves := rulebook.Moves{"": "d1"}
	ack := rulebook.Acknowledged{ID: "v1", Moves: moves, Cases: 2}
	tomorrow := rulebook.Publish{ID: "v1", From: "2026-11-23"}
	for _, c := range []struct {
		name  string
		given []event.Event // by "author"
		cmd   any
		facts rulebook.Facts // the actor is "other" unless it says so
		code  fault.Code     // "": it happens
		key   string
	}{
		{name: "propose", cmd: rulebook.Propose{ID: "v1", Base: "h0", Note: "Why.", Pack: rulebook.Pack{ID: "p", Version: "2", Hash: "h1"}}},
		{name: "propose without a reason", cmd: rulebook.Propose{ID: "v1", Pack: rulebook.Pack{Hash: "h1"}}, code: fault.Invalid},
		{name: "propose what is in force", cmd: rulebook.Propose{ID: "v1", Base: "h1", Note: "Why.", Pack: rulebook.Pack{ID: "p", Version: "2", Hash: "h1"}}, code: fault.Invalid},
		{name: "propose twice", given: []event.Event{proposed("v1", "h1")}, cmd: rulebook.Propose{ID: "v2", Note: "Why.", Pack: rulebook.Pack{ID: "p", Version: "2", Hash: "h1"}}, code: fault.Invalid},
		{name: "propose another under the same version", given: []event.Event{proposed("v1", "h1")}, cmd: rulebook.Propose{ID: "v2", Note: "Why.", Pack: rulebook.Pack{ID: "p", Version: "v1", Hash: "h2"}}, code: fault.Invalid},

		{name: "propose with a form that was sent", given: []event.Event{proposed("v1", "h1")}, cmd: rulebook.Propose{ID: "v1", Note: "Why.", Pack: rulebook.Pack{ID: "p", Version: "2", Hash: "h2"}}, code: fault.Conflict},

		{name: "publish", given: []event.Event{proposed("v1", "h1")}, cmd: tomorrow},
		{name: "publish one's own", given: []event.Event{proposed("v1", "h1")}, cmd: tomorrow, facts: rulebook.Facts{Actor: "author"}, code: fault.Blocked, key: "policy.publish.own"},
		{name: "publish for the past", given: []event.Event{proposed("v1", "h1")}, cmd: rulebook.Publish{ID: "v1", From: "2026-11-21"}, code: fault.Invalid},
		{name: "publish for no day", given: []event.Event{proposed("v1", "h1")}, cmd: rulebook.Publish{ID: "v1"}, code: fault.Invalid},
		{name: "publish what falls short", given: []event.Event{proposed("v1", "h1")}, cmd: tomorrow, facts: rulebook.Facts{Shortfalls: []string{"a gap"}}, code: fault.Blocked, key: "policy.publish.blocked"},
		{name: "publish what moves decisions", given: []event.Event{proposed("v1", "h1")}, cmd: tomorrow, facts: rulebook.Facts{Moves: moves}, code: fault.Blocked, key: "policy.publish.blocked"},
		{name: "publish what moves acknowledged ones", given: []event.Event{proposed("v1", "h1"), ack}, cmd: tomorrow, facts: rulebook.Facts{Moves: moves}},
		{name: "publish when more move than was acknowledged", given: []event.Event{proposed("v1", "h1"), ack}, cmd: tomorrow, facts: rulebook.Facts{Moves: rulebook.Moves{"": "d2"}}, code: fault.Blocked},
		{name: "publish when a compartment moves", given: []event.Event{proposed("v1", "h1"), ack}, cmd: tomorrow, facts: rulebook.Facts{Moves: rulebook.Moves{"": "d1", "x": "d3"}}, code: fault.Blocked},
		{name: "publish twice", given: []event.Event{proposed("v1", "h1"), rulebook.Published{ID: "v1", From: "2026-12-01"}}, cmd: tomorrow, code: fault.Blocked},
		{name: "publish what there is not", cmd: tomorrow, code: fault.NotFound},

		{name: "acknowledge", given: []event.Event{proposed("v1", "h1")}, cmd: rulebook.Acknowledge{ID: "v1", Moves: moves, Cases: 2, Reason: "Right."}, facts: rulebook.Facts{Moves: moves}},
		{name: "acknowledge without a reason", given: []event.Event{proposed("v1", "h1")}, cmd: rulebook.Acknowledge{ID: "v1", Moves: moves}, facts: rulebook.Facts{Moves: moves}, code: fault.Invalid},
		{name: "acknowledge what moved meanwhile", given: []event.Event{proposed("v1", "h1")}, cmd: rulebook.Acknowledge{ID: "v1", Moves: moves, Reason: "Right."}, facts: rulebook.Facts{Moves: rulebook.Moves{"": "d2"}}, code: fault.Conflict},
		{name: "acknowledge nothing", given: []event.Event{proposed("v1", "h1")}, cmd: rulebook.Acknowledge{ID: "v1", Reason: "Right."}, code: fault.Blocked},

		{name: "withdraw", given: []event.Event{proposed("v1", "h1")}, cmd: rulebook.Withdraw{ID: "v1", Reason: "A mistake."}},
		{name: "withdraw before its day", given: []event.Event{proposed("v1", "h1"), rulebook.Published{ID: "v1", From: "2026-12-01"}}, cmd: rulebook.Withdraw{ID: "v1", Reason: "A mistake."}},
		{name: "withdraw what is in force", given: []event.Event{proposed("v1", "h1"), rulebook.Published{ID: "v1", From: "2026-11-22"}}, cmd: rulebook.Withdraw{ID: "v1", Reason: "A mistake."}, code: fault.Blocked},
		{name: "publish what was withdrawn", given: []event.Event{proposed("v1", "h1"), rulebook.Withdrawn{ID: "v1"}}, cmd: tomorrow, code: fault.Blocked},
	} {
		c.facts.Today = "2026-11-22"
		if c.facts.Actor == "" {
			c.facts.Actor = "other"
		}
		events, err := rulebook.Decide(book(t, "author", c.given...), c.cmd, c.facts)
		if err != nil && fault.CodeOf(err) != c.code || (err == nil) != (c.code == "") || (err == nil) != (len(events) == 1) {
			t.Errorf("%s: %v %v, want %q", c.name, events, err, c.code)
		}
		if f, ok := err.(*fault.Error); c.key != "" && (!ok || f.Key != c.key) {
			t.Errorf("%s: %v, want %s", c.name, err, c.key)
		}
	}
}

// Which version is in force is a matter of the day alone.
func TestOn(t *testing.T) {
	s := book(t, "author",
		proposed("v1", "h1"), rulebook.Published{ID: "v1", From: "2026-11-01"},
		proposed("v2", "h2"), rulebook.Published{ID: "v2", From: "2026-12-01"},
		proposed("v3", "h3"), rulebook.Published{ID: "v3", From: "2026-12-01"},
		proposed("v4", "h4"), rulebook.Published{ID: "v4", From: "2026-12-24"}, rulebook.Withdrawn{ID: "v4"},
		proposed("v5", "h5"),
	)
	for day, want := range map[string]string{"2026-10-31": "", "2026-11-01": "v1", "2026-11-30": "v1", "2026-12-01": "v3", "2027-01-01": "v3"} {
		got := ""
		if v := s.On(deadline.Date(day)); v != nil {
			got = v.ID
		}
		if got != want {
			t.Errorf("on %s %q is in force, want %q", day, got, want)
		}
	}
}
