package rulebook_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/rulebook"
)

// TestEventShapes holds the kept part of each event to the recorded one. Events
// are kept for ever: they may gain optional fields and change in nothing else.
func TestEventShapes(t *testing.T) {
	text := event.P(event.StreamOf("account", "a1"), "words")
	var got strings.Builder
	shapes := []event.Event{
		rulebook.Proposed{ID: "v1", Pack: rulebook.Pack{ID: "p", Version: "2", Title: "Pack", Hash: "h", Object: "o", From: "2026-01-01", To: "2027-01-01"}, Base: "b", Note: text},
		rulebook.Acknowledged{ID: "v1", Moves: rulebook.Moves{"": "d1", "x": "d2"}, Cases: 3, Reason: text},
		rulebook.Published{ID: "v1", From: "2026-12-01"},
		rulebook.Withdrawn{ID: "v1", Reason: text},
	}
	if len(shapes) != len(rulebook.Events()) {
		t.Fatalf("%d shapes of %d events", len(shapes), len(rulebook.Events()))
	}
	for _, e := range shapes {
		b, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		got.WriteString(e.EventType() + " " + string(b) + "\n")
	}
	want, err := os.ReadFile("testdata/events.txt")
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("a kept part changed:\n%s", got.String())
	}
}
