package verification

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"testing"

	"github.com/comity-project/comity/internal/event"
)

var record = flag.Bool("record", false, "write the shapes of events where none are recorded")

// TestEventShapes holds the kept part of each event to the recorded one. Events
// are kept for ever: they may gain optional fields and change in nothing else.
func TestEventShapes(t *testing.T) {
	text := event.P(on.Stream(), "words")
	shapes := []event.Event{
		PlanDrawn{From: "2026-01-01", To: "2026-11-01", Rules: "2026-11-22", Seed: "00", Wanted: 1, Pool: []Candidate{{ID: "a", Weight: 9, Why: []string{"breach"}}}, Picks: []string{"a"}, Purpose: text},
		CheckPlanned{Reference: "XN-V-1", Licence: "l1", LicenceRef: "XN-L-1", Case: "c1", Reason: Drawn, Plan: "p1", Checklist: "serials", Rules: "2026-11-22", Officer: "a1", Due: "2026-12-01", Of: 9, Seed: "00", Task: event.P(on.Stream(), Task{User: "u"})},
		ConsentRecorded{Day: "2026-11-22", Answer: Given, Said: text},
		CheckArranged{Day: "2026-11-22", Officer: "a1", Where: text},
		CheckAnswered{Answers: []Seen{{"place", NotSeen}}, Text: event.P(on.Stream(), OnSite{Hash: "h"})},
		EvidenceAdded{Document: "d1", Hash: "h", Size: 9, Type: "image/png", Title: text},
		CheckConcluded{Result: Unsatisfactory, Day: "2026-11-22", Missing: 3, Strange: 1, Differs: true, Conditions: []string{"c1"}, Promises: []Promise{{"a1", "not_reexported", "broken"}}, Why: text},
		FollowUpSet{ID: "f1", Officer: "a1", Due: "2026-12-01", What: text},
		FollowUpDone{ID: "f1", Done: text},
		CheckEnded{Status: Closed, Why: text},
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
