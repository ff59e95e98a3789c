package lists

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
)

var day0 = time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)

// history folds events, an hour apart.
func history(t *testing.T, events ...event.Event) *State {
	t.Helper()
	s := &State{}
	for i, ev := range events {
		if err := s.Apply(event.Recorded{Stream: "list/demo", Version: int64(i + 1), Time: day0.Add(time.Duration(i) * time.Hour), Actor: "a", Event: ev}); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

var (
	demo = Definition{Title: "Demo", Kind: Parties, Format: "comity-yaml", LegalBasis: "Act 1", Publisher: "Us", Scope: "Screening", GoneLimit: 100, ReviewBy: "2027-11-01"}
	def  = Defined{demo}
)

func imported(id, published string, entries int, s ...Suspicion) VersionImported {
	return VersionImported{ID: id, Published: published, Source: "sha256:s" + id, Document: "sha256:" + id, Object: "o" + id, Report: "sha256:r" + id, ReportAt: "r" + id, Figures: Figures{Entries: entries}, GoneLimit: 100, Suspicions: s}
}

func importing(id, base, published string, entries, gone int) ImportVersion {
	c := ImportVersion{List: "demo", ID: id, Published: published, Source: "sha256:s" + id, Document: "sha256:" + id, Object: "o" + id, Report: "sha256:r" + id, ReportAt: "r" + id, Base: base, Entries: entries}
	for i := range gone {
		c.Delta.Removed = append(c.Delta.Removed, string(rune('a'+i%26)))
	}
	return c
}

func TestDecide(t *testing.T) {
	v1 := []event.Event{def, imported("v1", "2026-10-01", 100), VersionActivated{ID: "v1"}}
	suspicious := append(v1[:3:3], imported("v2", "2026-10-02", 89, TooManyGone))
	unattended := demo
	unattended.Unattended = true
	text := ObjectionText{From: "A. N. Other", Contact: "post", Text: "That is not me."}
	for _, c := range []struct {
		name  string
		given []event.Event
		when  any
		facts Facts
		then  []event.Event
		fault string
	}{
		{name: "define", when: DefineList{"demo", demo}, then: []event.Event{def}},
		{name: "refusals of a partner", when: DefineList{"demo", func() Definition { d := demo; d.Means = "denials"; return d }()}, then: []event.Event{Defined{func() Definition { d := demo; d.Means = "denials"; return d }()}}},
		{name: "no such meaning", when: DefineList{"demo", func() Definition { d := demo; d.Means = "bad"; return d }()}, fault: "lists.definition_invalid"},
		{name: "default limit", when: DefineList{"demo", func() Definition { d := demo; d.GoneLimit = 0; return d }()}, then: []event.Event{def}},
		{name: "same again", given: []event.Event{def}, when: DefineList{"demo", demo}},
		{name: "kind is fixed", given: []event.Event{def}, when: DefineList{"demo", func() Definition { d := demo; d.Kind = Chart; return d }()}, fault: "lists.definition_invalid"},
		{name: "nothing filled in", when: DefineList{"Demo 1", Definition{}}, fault: "lists.definition_invalid"},
		{name: "unknown list", when: RecordCheck{List: "demo", Outcome: Unchanged}, fault: "fault.not_found"},

		{name: "first import waits", given: []event.Event{def}, when: importing("v1", "", "2026-10-01", 100, 0), then: []event.Event{imported("v1", "2026-10-01", 100)}},
		{
			name: "unattended", given: []event.Event{Defined{unattended}}, when: importing("v1", "", "2026-10-01", 100, 0),
			then: []event.Event{imported("v1", "2026-10-01", 100), VersionActivated{ID: "v1"}},
		},
		{name: "ten per cent gone is allowed", given: v1, when: importing("v2", "v1", "2026-10-02", 90, 10), then: []event.Event{func() VersionImported {
			v := imported("v2", "2026-10-02", 90)
			v.Base, v.Figures.Removed, v.Figures.Gone = "v1", 10, 100
			v.Removed = []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}
			return v
		}()}},
		{name: "more is suspicious, even unattended", given: append([]event.Event{Defined{unattended}}, v1[1:]...), when: importing("v2", "v1", "2026-10-02", 89, 11), then: []event.Event{func() VersionImported {
			v := imported("v2", "2026-10-02", 89, TooManyGone)
			v.Base, v.Figures.Removed, v.Figures.Gone = "v1", 11, 110
			v.Removed = []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"}
			return v
		}()}},
		{name: "older and empty", given: v1, when: importing("v2", "v1", "2026-09-30", 0, 0), then: []event.Event{func() VersionImported {
			v := imported("v2", "2026-09-30", 0, Older, Empty)
			v.Base = "v1"
			return v
		}()}},
		{name: "difference made against another", given: v1, when: importing("v2", "", "2026-10-02", 100, 0), fault: "lists.base_moved"},
		{name: "same as in use", given: v1, when: func() ImportVersion {
			c := importing("v2", "v1", "2026-10-01", 100, 0)
			c.Document = "sha256:v1"
			return c
		}(), then: []event.Event{Checked{Outcome: Unchanged}}},
		{name: "same as one that waits", given: []event.Event{def, imported("v1", "2026-10-01", 100)}, when: func() ImportVersion {
			c := importing("v2", "", "2026-10-01", 100, 0)
			c.Document = "sha256:v1"
			return c
		}(), fault: "lists.version_known"},
		{name: "no hash", given: v1, when: ImportVersion{List: "demo", ID: "v2", Base: "v1", Published: "yesterday"}, fault: "lists.import_invalid"},

		{name: "activate", given: []event.Event{def, imported("v1", "", 1)}, when: ActivateVersion{"demo", "v1", ""}, then: []event.Event{VersionActivated{ID: "v1"}}},
		{name: "activate twice", given: v1, when: ActivateVersion{"demo", "v1", ""}, fault: "lists.version_active"},
		{name: "activate nothing", given: v1, when: ActivateVersion{"demo", "v9", ""}, fault: "fault.not_found"},
		{name: "suspicious can't be activated", given: suspicious, when: ActivateVersion{"demo", "v2", "please"}, fault: "lists.version_suspicious"},
		{name: "force needs a reason", given: suspicious, when: ForceVersion{"demo", "v2", " "}, fault: "lists.reason_needed"},
		{name: "force", given: suspicious, when: ForceVersion{"demo", "v2", "Publisher confirms."}, then: []event.Event{VersionActivated{"v2", true, "Publisher confirms."}}},
		{name: "nothing to force", given: []event.Event{def, imported("v1", "", 1)}, when: ForceVersion{"demo", "v1", "x"}, fault: "lists.force_pointless"},
		{name: "back to an earlier one needs a reason", given: append(suspicious[:4:4], VersionActivated{"v2", true, "x"}), when: ActivateVersion{"demo", "v1", ""}, fault: "lists.reason_needed"},
		{name: "reject", given: suspicious, when: RejectVersion{"demo", "v2", "Half a file."}, then: []event.Event{VersionRejected{"v2", "Half a file."}}},
		{name: "reject what is in use", given: v1, when: RejectVersion{"demo", "v1", "x"}, fault: "lists.reject_late"},
		{name: "rejected stays so", given: append(suspicious[:4:4], VersionRejected{"v2", "x"}), when: ForceVersion{"demo", "v2", "x"}, fault: "lists.version_rejected"},

		{name: "check", given: v1, when: RecordCheck{"demo", Unreachable, "no route"}, then: []event.Event{Checked{Unreachable, "no route"}}},
		{name: "review", given: v1, when: RecordReview{"demo", true, "Still needed.", "2027-11-01", "2026-11-01"}, then: []event.Event{Reviewed{true, "Still needed.", "2027-11-01"}}},
		{name: "review without a next", given: v1, when: RecordReview{"demo", true, "Still needed.", "2026-11-01", "2026-11-01"}, fault: "lists.review_invalid"},
		{name: "retire", given: v1, when: RecordReview{"demo", false, "No longer needed.", "", "2026-11-01"}, then: []event.Event{Reviewed{Note: "No longer needed."}}},
		{name: "no import when retired", given: append(v1[:3:3], Reviewed{Note: "x"}), when: importing("v2", "v1", "", 1, 0), fault: "lists.retired"},

		{
			name: "object", given: v1, when: Object{"demo", "o1", "d:1", Correction, "2026-11-02", text}, facts: Facts{EntryKnown: true},
			then: []event.Event{ObjectionReceived{"o1", "d:1", Correction, "2026-11-02", event.P("objection/o1", text)}},
		},
		{name: "object to what is not there", given: v1, when: Object{"demo", "o1", "d:1", Correction, "2026-11-02", text}, fault: "lists.objection_invalid"},
		{
			name: "answer", given: append(v1[:3:3], ObjectionReceived{ID: "o1", Entry: "d:1"}), when: DecideObjection{"demo", "o1", Upheld, "You are right."},
			then: []event.Event{ObjectionDecided{"o1", Upheld, event.P("objection/o1", "You are right.")}},
		},
		{name: "answer twice", given: append(v1[:3:3], ObjectionReceived{ID: "o1"}, ObjectionDecided{ID: "o1", Outcome: Declined}), when: DecideObjection{"demo", "o1", Upheld, "x"}, fault: "lists.objection_decided"},
		{
			name: "answer after the publisher's", given: append(v1[:3:3], ObjectionReceived{ID: "o1"}, ObjectionDecided{ID: "o1", Outcome: Forwarded}), when: DecideObjection{"demo", "o1", Upheld, "x"},
			then: []event.Event{ObjectionDecided{"o1", Upheld, event.P("objection/o1", "x")}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			news, err := Decide(history(t, c.given...), c.when, c.facts)
			if c.fault != "" {
				if err == nil || !strings.Contains(err.Error(), c.fault) || fault.CodeOf(err) == fault.Internal {
					t.Fatalf("error %v, want %s", err, c.fault)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var got []event.Event
			for _, n := range news {
				if n.Stream != "list/demo" {
					t.Errorf("stream %s", n.Stream)
				}
				got = append(got, n.Event)
			}
			if !reflect.DeepEqual(got, c.then) {
				t.Errorf("got  %+v\nwant %+v", got, c.then)
			}
		})
	}
	if _, err := Decide(history(t, def), 7, Facts{}); err == nil || fault.CodeOf(err) != fault.Internal {
		t.Errorf("not a command: %v", err)
	}
}

func TestStateRowsAndReplay(t *testing.T) {
	s := history(t, def, imported("v1", "2026-10-01", 100), VersionActivated{ID: "v1"}, imported("v2", "2026-10-02", 80, TooManyGone), VersionActivated{"v2", true, "x"},
		ObjectionReceived{ID: "o1", Entry: "d:1"}, ObjectionReceived{ID: "o2", Entry: "d:2"}, ObjectionDecided{ID: "o2", Outcome: Declined})
	if v := s.ActiveVersion(); v == nil || v.ID != "v2" || v.Number != 2 || s.Versions[0].Status != Superseded {
		t.Errorf("in use: %+v", v)
	}
	for at, want := range map[time.Duration]string{time.Hour: "", 2 * time.Hour: "v1", 4*time.Hour - 1: "v1", 4 * time.Hour: "v2", 999 * time.Hour: "v2"} {
		got := ""
		if v := s.VersionAt(day0.Add(at)); v != nil {
			got = v.ID
		}
		if got != want {
			t.Errorf("after %v: %q, want %q", at, got, want)
		}
	}
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	back := &State{}
	if err := json.Unmarshal(b, back); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(s, back) {
		t.Errorf("the state does not survive JSON:\n%+v\n%+v", s, back)
	}
	rows := s.Rows()
	if len(rows) != 1+2+2 || !reflect.DeepEqual(rows, back.Rows()) {
		t.Errorf("%d rows", len(rows))
	}
	for _, c := range rows[0].Columns {
		want := map[string]any{"status": "in_use", "active": "v2", "entries": int64(80), "waiting": int64(0), "objections": int64(1)}
		if w, ok := want[c.Name]; ok && c.Value != w {
			t.Errorf("%s = %v, want %v", c.Name, c.Value, w)
		}
	}
	if rows := (&State{}).Rows(); rows != nil {
		t.Errorf("rows of nothing: %v", rows)
	}
}

func TestEventsSurviveJSON(t *testing.T) {
	r := event.NewRegistry(Events()...)
	for _, ev := range Events() {
		p, err := r.New(ev.EventType())
		if err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(ev)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(b, p); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(event.Value(p), ev) {
			t.Errorf("%s: %+v", ev.EventType(), event.Value(p))
		}
	}
	ev := ObjectionReceived{ID: "o1", Text: event.P("objection/o1", ObjectionText{Text: "secret"})}
	if b, _ := json.Marshal(ev); strings.Contains(string(b), "secret") {
		t.Errorf("a private part is in the kept part: %s", b)
	}
}
