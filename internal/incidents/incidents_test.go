package incidents

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
)

var record = flag.Bool("record", false, "write the shapes of events where none are recorded")

var (
	now = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	on  = OnIncident{Incident: "i1"}
)

func unknown() (out []On) {
	for _, g := range Groups {
		out = append(out, On{g, Unknown})
	}
	return out
}

func open() Open {
	return Open{
		OnIncident: on, Kind: Report, Origin: Outside, Urgency: Hour, Received: "2026-11-23", Links: []Link{{Destination, "XR"}}, Groups: unknown(),
		Words: Words{"Kits sold on", "Two kits were seen.", "Stop updates."}, Raised: "Maryam Testova",
	}
}

// story gives commands in the name of people and fails where one is refused.
type story struct {
	t *testing.T
	i *Incident
	n int64
	f Facts
}

func begin(t *testing.T) *story {
	s := &story{t: t, i: &Incident{}, f: Facts{Now: now, Levers: []string{"updates"}, Effect: now.Add(48 * time.Hour), Lapses: now.Add(48 * time.Hour)}}
	s.do("anna", open())
	return s
}

func (s *story) try(who string, cmd Command) error {
	s.f.Person = who
	events, err := Decide(s.i, cmd, s.f)
	for _, e := range events {
		s.n++
		if err := s.i.Apply(event.Recorded{Stream: e.Stream, Version: s.n, Time: s.f.Now, Actor: who, Event: e.Event}); err != nil {
			s.t.Fatal(err)
		}
	}
	return err
}

func (s *story) do(who string, cmd Command) {
	s.t.Helper()
	if err := s.try(who, cmd); err != nil {
		s.t.Fatalf("%s: %v", cmd.Name(), err)
	}
}

func (s *story) refused(who string, cmd Command, key string, fields ...string) {
	s.t.Helper()
	err := s.try(who, cmd)
	var f *fault.Error
	if !errors.As(err, &f) || f.Key != key {
		s.t.Errorf("%s: %v, not %s", cmd.Name(), err, key)
		return
	}
	for _, want := range fields {
		if !slices.ContainsFunc(f.Fields, func(x fault.Field) bool { return x.Name == want }) {
			s.t.Errorf("%s does not name %s: %+v", cmd.Name(), want, f.Fields)
		}
	}
}

func proposal() Propose {
	return Propose{OnIncident: on, ID: "a1", Steps: []Step{{Licence: "l1", Do: Suspend}}, Ground: "new_facts", Told: "Use has to end.", Why: "Well founded."}
}

func TestIncidents(t *testing.T) {
	for name, f := range map[string]func(s *story){
		"an act takes two": func(s *story) {
			s.do("anna", proposal())
			s.refused("anna", Propose{OnIncident: on, ID: "a2", Steps: []Step{{Licence: "l1", Do: Watch}}}, "incidents.act.waits")
			s.refused("anna", Confirm{OnIncident: on, ID: "a1"}, "incidents.act.same")
			s.refused("bert", Uphold{OnIncident: on, ID: "a1", Why: "x"}, "incidents.act.over")
			s.do("bert", Confirm{OnIncident: on, ID: "a1"})
			s.refused("carl", Confirm{OnIncident: on, ID: "a1"}, "incidents.act.over")
			s.refused("anna", Close{OnIncident: on, Why: "x"}, "incidents.close.blocked")
			s.do("node", Carry{OnIncident: on, ID: "a1"})
			if !s.i.Act("a1").Done.IsZero() {
				s.t.Error("it took effect before its hour")
			}
			s.f.Now = s.f.Effect
			s.do("node", Carry{OnIncident: on, ID: "a1"})
			s.do("node", Carry{OnIncident: on, ID: "a1"})
			if s.i.Act("a1").Done.IsZero() || s.n != 4 {
				s.t.Errorf("%d events, done %v", s.n, s.i.Act("a1").Done)
			}
		},
		"one given back can be proposed anew": func(s *story) {
			s.do("anna", proposal())
			s.do("bert", Return{OnIncident: on, ID: "a1", Why: "Too far."})
			x := proposal()
			x.ID = "a2"
			s.do("anna", x)
		},
		"who raised it is in no text for companies": func(s *story) {
			x := proposal()
			x.Told = "As TESTOVA says, use has to end."
			s.refused("anna", x, "incidents.invalid", "told")
			s.refused("anna", Halt{OnIncident: on, ID: "h", Licences: []string{"l1"}, Told: "Maryam.", Why: "x"}, "incidents.invalid", "told")
		},
		"only what it touches": func(s *story) {
			x := proposal()
			s.f.Outside = x.Steps
			s.refused("anna", x, "incidents.invalid", "do.l1")
			s.f.Outside = nil
			x.Steps = []Step{{Case: "c1", Do: Revoke}}
			s.refused("anna", x, "incidents.invalid", "do.c1")
			x.Steps = []Step{{Licence: "l1", Do: Vary}}
			s.refused("anna", x, "incidents.invalid", "do.l1")
			x.Steps, x.Presume = nil, []string{"XA"}
			s.refused("anna", x, "incidents.invalid", "presume", "from")
			x.Presume, x.Steps = nil, []Step{{Licence: "l1", Do: Revoke}}
			s.refused("anna", x, "incidents.invalid", "reach.updates")
			x.Reach = []Reach{{"updates", "can_stop", ""}}
			s.refused("anna", x, "incidents.invalid", "how.updates")
			x.Reach = []Reach{{"updates", "can_stop", "By the licensee."}}
			s.do("anna", x)
		},
		"an emergency is one person's until a second confirms": func(s *story) {
			s.do("bert", Halt{OnIncident: on, ID: "h", Licences: []string{"l1"}, Told: "Suspended.", Why: "Life."})
			s.refused("bert", Uphold{OnIncident: on, ID: "h", Why: "x"}, "incidents.act.same")
			s.do("node", Lapse{OnIncident: on, ID: "h"})
			if !s.i.Act("h").Waits() {
				s.t.Error("it lapsed early")
			}
			s.do("carl", Uphold{OnIncident: on, ID: "h", Why: "Agreed."})
			s.f.Now = s.f.Lapses
			s.do("node", Lapse{OnIncident: on, ID: "h"})
			if !s.i.Act("h").Lapsed.IsZero() {
				s.t.Error("it lapsed though it was confirmed")
			}
		},
		"holders are told at their hour, once, and never of what lapsed": func(s *story) {
			s.f.Tells = now.Add(25 * time.Hour)
			for _, id := range []string{"h", "k"} {
				s.do("bert", Halt{OnIncident: on, ID: id, Licences: []string{"l1"}, Told: "Suspended.", Why: "Life."})
			}
			s.do("node", Tell{OnIncident: on, ID: "h"})
			if !s.i.Act("h").Announced.IsZero() {
				s.t.Error("told early")
			}
			s.f.Now = s.f.Tells
			s.do("node", Tell{OnIncident: on, ID: "h"})
			n := s.n
			s.do("node", Tell{OnIncident: on, ID: "h"})
			if s.n != n || !s.i.Act("h").Announced.Equal(s.f.Tells) {
				s.t.Errorf("told at %s, %d events more", s.i.Act("h").Announced, s.n-n)
			}
			s.f.Now = s.f.Lapses
			s.do("node", Lapse{OnIncident: on, ID: "k"})
			s.do("node", Tell{OnIncident: on, ID: "k"})
			if !s.i.Act("k").Announced.IsZero() {
				s.t.Error("told of what lapsed")
			}
		},
		"every group has a word": func(s *story) {
			s.refused("anna", Weigh{OnIncident: on, Urgency: Days, Groups: unknown()[1:], Words: Words{"a", "b", "c"}}, "incidents.invalid", "group."+Groups[0])
		},
		"whoever raised it is answered": func(s *story) {
			s.refused("anna", Close{OnIncident: on, Why: "x"}, "incidents.close.blocked")
			s.do("anna", Answer{OnIncident: on, Day: "2026-11-23", Text: "We acted."})
			s.do("anna", Close{OnIncident: on, Why: "Done."})
			s.refused("anna", proposal(), "incidents.closed")
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := begin(t)
			s.t = t
			f(s)
		})
	}
}

func TestPresumption(t *testing.T) {
	p := &Presumption{}
	if p.Holds("c1", "2026-12-01") {
		t.Error("denial is presumed out of nothing")
	}
	apply := func(e event.Event) {
		if err := p.Apply(event.Recorded{Stream: PresumptionStream("XR"), Actor: "anna", Time: now, Event: e}); err != nil {
			t.Fatal(err)
		}
	}
	apply(PresumptionSet{Incident: "i1", From: "2026-12-01"})
	if p.Holds("c1", "2026-11-30") || !p.Holds("c1", "2026-12-01") {
		t.Error("it does not begin on its day")
	}
	apply(CaseExempted{Case: "c1"})
	if p.Holds("c1", "2026-12-01") || !p.Holds("c2", "2026-12-01") {
		t.Error("the exemption is not of one case")
	}
	apply(PresumptionLifted{})
	if p.Holds("c2", "2026-12-01") {
		t.Error("it holds though it was lifted")
	}
	if _, err := DecideLift(p, Lift{Country: "XR", Why: "x"}, PresumptionFacts{}); err == nil {
		t.Error("it was lifted twice")
	}
}

// TestEventShapes holds the kept part of each event to the recorded one. Events
// are kept for ever: they may gain optional fields and change in nothing else.
func TestEventShapes(t *testing.T) {
	text := event.P(on.Stream(), "words")
	all := event.P(on.Stream(), Words{"a", "b", "c"})
	shapes := []event.Event{
		Opened{Reference: "XN-I-1", Kind: Coup, Origin: State, Urgency: Hour, Received: "2026-11-22", Compartment: "north", Links: []Link{{User, "p1"}}, Groups: []On{{"journalists", Affected}}, Words: all, Raised: text},
		Linked{Links: []Link{{Item, "5A001"}}, Why: text},
		Weighed{Urgency: Days, Groups: []On{{"journalists", Unknown}}, Words: all},
		ActProposed{ID: "a1", Person: "p", Steps: []Step{{Licence: "l1", Do: Revoke}, {Case: "c1", Do: Reopen}}, Ground: "new_facts", Duties: []Duty{Stop}, Presume: []string{"XR"}, From: "2026-12-01", Reach: event.P(on.Stream(), []Reach{{"updates", "can_stop", "how"}}), Told: text, Why: text},
		ActConfirmed{ID: "a1", Person: "p", Effect: now},
		ActReturned{ID: "a1", Person: "p", Why: text},
		ActDone{ID: "a1", Failed: []Step{{Licence: "l1", Do: Revoke}}},
		EmergencySuspended{ID: "h1", Person: "p", Licences: []string{"l1"}, Lapses: now, Told: text, Why: text},
		EmergencyTold{ID: "h1"},
		EmergencyConfirmed{ID: "h1", Person: "p", Why: text},
		EmergencyLapsed{ID: "h1"},
		RaiserAnswered{Day: "2026-11-22", Text: text},
		Closed{Why: text},
		PresumptionSet{Incident: "i1", From: "2026-12-01", Person: "p", Why: text},
		PresumptionLifted{Person: "p", Why: text},
		CaseExempted{Case: "c1", Person: "p", Why: text},
	}
	if len(shapes) != len(Events()) {
		t.Fatalf("%d shapes of %d events", len(shapes), len(Events()))
	}
	var got bytes.Buffer
	for _, e := range shapes {
		b, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		got.WriteString(e.EventType() + " " + string(b) + "\n")
	}
	const path = "testdata/events.txt"
	if _, err := os.Stat(path); err != nil && *record {
		if err := os.WriteFile(path, got.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("shapes of events have changed:\n%s\nrecorded:\n%s", got.Bytes(), want)
	}
}
