package enforcement

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/event"
)

var record = flag.Bool("record", false, "write the shapes of events where none are recorded")

// TestEventShapes holds the kept part of each event to the recorded one. Events
// are kept for ever: they may gain optional fields and change in nothing else.
func TestEventShapes(t *testing.T) {
	s := OnMatter{Matter: "m1"}.Stream()
	text := event.P(s, "words")
	shapes := []event.Event{
		Opened{Reference: "XN-E-1", Kind: Stop, Org: "o1", Words: event.P(s, Words{Title: "t"})},
		Noted{Text: text},
		Asked{ID: "q1", Due: "2026-12-01", Text: text},
		Answered{ID: "q1", Text: text},
		Proposed{ID: "d1", Person: "p", Outcome: Penalty, Amount: 150_000, Currency: "EUR", Why: text, Told: text},
		Confirmed{ID: "d1", Person: "p", Until: time.Date(2026, 12, 20, 0, 0, 0, 0, time.UTC)},
		Returned{ID: "d1", Person: "p", Why: text},
		Appealed{Text: text},
		Ruled{Ruling: Varied, Person: "p", Outcome: Warning, Told: text},
		GapRaised{ID: "g1", Element: "catch-all", What: text},
		Closed{Why: text},
		Entered{Matter: "m1", Kind: Stop, Outcome: Warning, Day: "2026-12-24"},
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
