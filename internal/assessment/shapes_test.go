package assessment_test

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/policy"
)

// TestEventShapes holds the kept part of each event to the recorded one. Events
// are kept for ever: they may gain optional fields and change in nothing else.
func TestEventShapes(t *testing.T) {
	owner := event.StreamOf("case", "c1")
	listed := true
	text := event.P(owner, "words")
	shapes := []event.Event{
		assessment.Classified{Line: "1", Category: "forensics", Listed: &listed, Codes: []string{"5A004.b"}, List: "EU 2025-11-15", Place: 2, Reason: text},
		assessment.SeverityJudged{Line: "1", Severity: policy.Severity{Scale: 4, Scope: 3, Irremediability: 5}, Reason: text},
		assessment.Screened{
			Purpose: "case", Index: "hash", Lists: []assessment.Searched{{List: "UN", Kind: assessment.Sanctions, Date: "2026-11-01", Version: "hash"}},
			NotSearched: []string{"EU"}, Parties: []string{"p1"},
			Hits: []assessment.FoundHit{{ID: "h1", Party: "p1", List: "UN", Kind: assessment.Sanctions, Entry: "e1", Score: 0.5, Band: "strong", PartyHash: "a", EntryHash: "b", Details: event.P(owner, assessment.HitDetails{Shown: "name"})}},
		},
		assessment.HitResolved{Hit: "h1", Outcome: assessment.Different, Reason: text},
		assessment.HitsReopened{Hits: []string{"h1"}, Why: "party_changed", Reason: text},
		assessment.FactRecorded{ID: "f1", Fact: "user.mandate", Value: policy.Bool(true), Line: "1", Party: "p1", Date: "2026-11-01", Replaces: "f0", Document: "d1", Grade: "B", Origin: event.P(owner, assessment.FactOrigin{Source: "law"})},
		assessment.FactWithdrawn{ID: "f1", Reason: text},
		assessment.SourceLost{Item: "i1", Facts: []string{"f1"}},
		assessment.LawChanged{Country: "XR", Brief: "b1"},
		assessment.FindingsMade{Findings: []assessment.MadeFinding{{Line: "1", Rule: "CP2-a", Status: policy.Met, Computed: policy.Unknown, Facts: []string{"user.mandate"}, Search: text, Reason: text}}, Pack: "hash"},
		assessment.GroupsStated{Groups: map[assessment.Group]assessment.Affected{assessment.Journalists: assessment.IsAffected}, Reason: text},
		assessment.ViewRecorded{Person: "p1", Likelihood: assessment.Likely, Severity: 4, Refuse: []string{"1"}, Grounds: []event.Private[assessment.ViewGround]{event.P(owner, assessment.ViewGround{ID: "G1"})}, Worry: text},
		assessment.UnknownBorne{Line: "1", Rule: "CP2-a", Reason: text},
		assessment.MitigationStated{Line: "1", Likelihood: assessment.Likely, Measures: []assessment.Measure{{Condition: "audit-log"}, {Assurance: "not_misused"}}, Residual: assessment.Possible, Reason: text},
		assessment.Completed{Basis: 3, Person: "p1", Pack: "hash", Facts: "hash", Lines: []assessment.LineSummary{{Line: "1", Category: "forensics", Severity: 4, Standing: policy.Weighing, Met: []string{"A"}, Unknown: []string{"B"}}}, Again: true},
		assessment.SentencesConfirmed{Sentences: []assessment.SentenceConfirmed{{ID: "s1", Line: "1", Facts: []string{"user.mandate"}, Rewritten: true, Text: text}}},
		assessment.Dissented{Text: text},
		assessment.TextSigned{Basis: 3, Sentences: []string{"s1"}},
	}
	if len(shapes) != len(assessment.Samples()) {
		t.Fatalf("%d shapes of %d events", len(shapes), len(assessment.Samples()))
	}
	var got bytes.Buffer
	for _, e := range shapes {
		b, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		got.WriteString(e.EventType() + " ")
		got.Write(b)
		got.WriteByte('\n')
	}
	const path = "testdata/events.txt"
	if *record {
		if _, err := os.Stat(path); err != nil {
			if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("a kept part changed:\n%s", got.Bytes())
	}
}
