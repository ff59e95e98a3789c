package evidence_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/evidence"
	"github.com/comity-project/comity/internal/fault"
)

var record = flag.Bool("record", false, "write the shapes of events where there are none")

var now = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

func add() evidence.Add {
	return evidence.Add{
		OnItem: evidence.OnItem{Item: "i1"}, Country: "XR", Marking: evidence.Amber, Grade: "B2", Published: "2026-04-11", Expires: "2028-04-11", Language: "en",
		Details: evidence.Details{Title: "Visit to Karsovia", Source: "UN special procedure", Says: "Phones were read at two assemblies."},
	}
}

// fold applies events to a state, as the ledger gives them back.
func fold(t *testing.T, s event.State, events []event.New) {
	t.Helper()
	for _, n := range events {
		if err := s.Apply(event.Recorded{Stream: n.Stream, Time: now, Actor: "officer", Event: n.Event}); err != nil {
			t.Fatal(err)
		}
	}
}

// refused names what a command was refused for: the fault's key and its inputs.
func refused(err error) string {
	var f *fault.Error
	if !errors.As(err, &f) {
		return ""
	}
	out := []string{f.Key}
	for _, x := range f.Fields {
		out = append(out, x.Name+"="+x.Key)
	}
	return strings.Join(out, " ")
}

func TestItems(t *testing.T) {
	on := evidence.OnItem{Item: "i1"}
	added := []evidence.ItemCommand{add()}
	withdrawn := append(added, evidence.Withdraw{OnItem: on, Reason: "The author took it back."})
	change := func(f func(*evidence.Add)) evidence.Add { c := add(); f(&c); return c }
	for _, c := range []struct {
		name  string
		given []evidence.ItemCommand
		when  evidence.ItemCommand
		then  string // type of the event
		or    string // what the refusal names
	}{
		{"a source is added", nil, add(), "evidence.added", ""},
		{"twice", added, add(), "", "evidence.exists"},
		{"without a word of what it says", nil, change(func(a *evidence.Add) { a.Details.Says = " " }), "", "evidence.invalid says=evidence.says.missing"},
		{"half a grade", nil, change(func(a *evidence.Add) { a.Grade = "B" }), "", "evidence.invalid grade=evidence.grade.missing"},
		{"said in days to come", nil, change(func(a *evidence.Add) { a.Published = "2026-12-01" }), "", "evidence.invalid published=evidence.published.future"},
		{"good until before it was said", nil, change(func(a *evidence.Add) { a.Expires = "2026-01-01" }), "", "evidence.invalid expires=evidence.expires.before"},
		{"red without a compartment", nil, change(func(a *evidence.Add) { a.Marking = evidence.Red }), "", "evidence.invalid compartment=evidence.marking.closed"},
		{"red in one", nil, change(func(a *evidence.Add) { a.Marking, a.Compartment = evidence.Red, "north" }), "evidence.added", ""},
		{"a country there is none of", nil, change(func(a *evidence.Add) { a.Country = "ZZ" }), "", "evidence.invalid country=party.country.unknown"},
		{"another grade", added, evidence.Regrade{OnItem: on, Grade: "C3", Reason: "Two details were wrong."}, "evidence.regraded", ""},
		{"the same grade", added, evidence.Regrade{OnItem: on, Grade: "B2", Reason: "Looked again."}, "", "evidence.invalid grade=evidence.grade.same"},
		{"another grade without a reason", added, evidence.Regrade{OnItem: on, Grade: "C3"}, "", "evidence.invalid reason=evidence.reason.missing"},
		{"a later day", added, evidence.Prolong{OnItem: on, Until: "2029-01-01", Reason: "Confirmed by the embassy."}, "evidence.prolonged", ""},
		{"a translation", added, evidence.Translate{OnItem: on, Language: "fr", Text: "Des téléphones ont été lus."}, "evidence.translated", ""},
		{"withdrawn", added, evidence.Withdraw{OnItem: on, Reason: "The author took it back."}, "evidence.withdrawn", ""},
		{"withdrawn without a reason", added, evidence.Withdraw{OnItem: on}, "", "evidence.invalid reason=evidence.reason.missing"},
		{"changed after that", withdrawn, evidence.Regrade{OnItem: on, Grade: "C3", Reason: "Why not."}, "", "evidence.withdrawn_already"},
		{"of what is not there", nil, evidence.Withdraw{OnItem: on, Reason: "It is not."}, "", "fault.not_found"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var i evidence.Item
			for _, g := range c.given {
				events, err := evidence.DecideItem(&i, g, now)
				if err != nil {
					t.Fatal(err)
				}
				fold(t, &i, events)
			}
			events, err := evidence.DecideItem(&i, c.when, now)
			if got := refused(err); got != c.or {
				t.Fatalf("refused for %q, want %q", got, c.or)
			}
			if err == nil && (len(events) != 1 || events[0].Event.EventType() != c.then) {
				t.Fatalf("%+v", events)
			}
		})
	}
}

func TestWhatMayRestOnAnItem(t *testing.T) {
	item := evidence.Item{ID: "i1", Expires: "2026-11-22", Compartment: "north"}
	gone := item
	gone.Withdrawn = &evidence.Withdrawal{}
	erased := item
	erased.Erased = &event.Erasure{}
	for _, c := range []struct {
		name  string
		item  *evidence.Item
		place string
		on    string
		want  string
	}{
		{"in its own compartment, on its last day", &item, "north", "2026-11-22", ""},
		{"the day after", &item, "north", "2026-11-23", "evidence.item.expired"},
		{"where others may read", &item, "", "2026-11-22", "evidence.item.elsewhere"},
		{"in another compartment", &item, "south", "2026-11-22", "evidence.item.elsewhere"},
		{"withdrawn", &gone, "north", "2026-11-22", "evidence.item.withdrawn"},
		{"erased", &erased, "north", "2026-11-22", "evidence.item.unknown"},
		{"none", nil, "north", "2026-11-22", "evidence.item.unknown"},
	} {
		got := ""
		if err := evidence.MayRest(c.item, c.place, deadline.Date(c.on)); err != nil {
			got = err.Key
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestBriefs(t *testing.T) {
	on := evidence.OnBrief{Brief: "b1"}
	opened := evidence.Open{OnBrief: on, About: evidence.Destination, Subject: "XR", Marking: evidence.Amber, ReviewBy: "2027-05-22"}
	user := evidence.Open{OnBrief: on, About: evidence.EndUser, Subject: "p1", Marking: evidence.Amber, ReviewBy: "2027-05-22"}
	items := map[string]*evidence.Item{"i1": {ID: "i1"}, "i2": {ID: "i2", Withdrawn: &evidence.Withdrawal{}}}
	law := func(f func(*evidence.SetLaw)) evidence.SetLaw {
		c := evidence.SetLaw{OnBrief: on, Part: evidence.Judge, Safeguard: evidence.Safeguard{
			Paper: evidence.Yes, Date: "2026-05-12", Words: evidence.LawWords{Provision: "Act s. 14", Text: "A judge orders it."},
		}}
		f(&c)
		return c
	}
	same := func(*evidence.SetLaw) {}
	for _, c := range []struct {
		name  string
		given []evidence.BriefCommand
		when  evidence.BriefCommand
		then  string
		or    string
	}{
		{"a brief on a destination", nil, opened, "brief.opened", ""},
		{"twice", []evidence.BriefCommand{opened}, opened, "", "evidence.brief.exists"},
		{"to be looked at again yesterday", nil, evidence.Open{OnBrief: on, About: evidence.Destination, Subject: "XR", Marking: evidence.Amber, ReviewBy: "2026-11-21"}, "", "evidence.invalid review_by=evidence.brief.next"},
		{"a section", []evidence.BriefCommand{opened}, evidence.Write{OnBrief: on, Section: "situation", Text: "Assemblies are watched.", Items: []string{"i1", "i1"}}, "brief.written", ""},
		{"a section it does not have", []evidence.BriefCommand{user}, evidence.Write{OnBrief: on, Section: "situation", Text: "Words."}, "", "evidence.invalid section=evidence.brief.section"},
		{"on a source that was withdrawn", []evidence.BriefCommand{opened}, evidence.Write{OnBrief: on, Section: "situation", Text: "Words.", Items: []string{"i2"}}, "", "evidence.invalid items=evidence.item.withdrawn"},
		{"on a source that is not there", []evidence.BriefCommand{opened}, evidence.Write{OnBrief: on, Section: "situation", Text: "Words.", Items: []string{"i3"}}, "", "evidence.invalid items=evidence.item.unknown"},
		{"a part of the law", []evidence.BriefCommand{opened}, law(same), "brief.law_set", ""},
		{"a law of an end user", []evidence.BriefCommand{user}, law(same), "", "evidence.brief.no_law"},
		{"a law without its text", []evidence.BriefCommand{opened}, law(func(c *evidence.SetLaw) { c.Words.Text = "" }), "", "evidence.invalid paper_text=evidence.law.text"},
		{"practice without a source", []evidence.BriefCommand{opened}, law(func(c *evidence.SetLaw) {
			c.Practice, c.PracticeDate, c.Words.Practice = evidence.No, "2026-06-01", "No judge was ever asked."
		}), "", "evidence.invalid practice_source=evidence.law.source"},
		{"nothing known of a part", []evidence.BriefCommand{opened}, law(func(c *evidence.SetLaw) { c.Safeguard = evidence.Safeguard{} }), "brief.law_set", ""},
		{"a review", []evidence.BriefCommand{opened}, evidence.ReviewBrief{OnBrief: on, Note: "Read through; still so.", Next: "2027-11-22"}, "brief.reviewed", ""},
		{"a review without a word", []evidence.BriefCommand{opened}, evidence.ReviewBrief{OnBrief: on, Next: "2027-11-22"}, "", "evidence.invalid note=evidence.note.missing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b evidence.Brief
			f := evidence.BriefFacts{Now: now, Items: items, Known: true}
			for _, g := range c.given {
				events, err := evidence.DecideBrief(&b, g, f)
				if err != nil {
					t.Fatal(err)
				}
				fold(t, &b, events)
			}
			events, err := evidence.DecideBrief(&b, c.when, f)
			if got := refused(err); got != c.or {
				t.Fatalf("refused for %q, want %q", got, c.or)
			}
			if err == nil && (len(events) != 1 || events[0].Event.EventType() != c.then) {
				t.Fatalf("%+v", events)
			}
			if err == nil {
				fold(t, &b, events)
			}
		})
	}
}

// A safeguard holds only where the text has it and practice keeps to it; what
// nobody looked at is unknown, never fine.
func TestASafeguardHolds(t *testing.T) {
	for _, c := range []struct{ paper, practice, want evidence.Answer }{
		{evidence.Yes, evidence.Yes, evidence.Yes},
		{evidence.Yes, "", ""},
		{"", evidence.Yes, ""},
		{"", "", ""},
		{evidence.Yes, evidence.No, evidence.No},
		{evidence.No, evidence.Yes, evidence.No},
		{evidence.No, "", evidence.No},
	} {
		if got := (evidence.Safeguard{Paper: c.paper, Practice: c.practice}).Holds(); got != c.want {
			t.Errorf("paper %q, practice %q: %q, want %q", c.paper, c.practice, got, c.want)
		}
	}
}

// TestEventShapes holds the kept part of each event to the recorded one. Events
// are kept for ever: they may gain optional fields and change in nothing else.
func TestEventShapes(t *testing.T) {
	text := event.P(event.StreamOf("evidence", "i1"), "words")
	shapes := []event.Event{
		evidence.Added{Country: "XR", Party: "p1", Marking: evidence.Red, Compartment: "north", Grade: "B2", Published: "2026-04-11", Expires: "2028-04-11", Language: "ar", Copy: &evidence.Copy{Document: "d1", Hash: "h", Title: "visit.pdf"}, Details: event.P(event.StreamOf("evidence", "i1"), evidence.Details{Title: "t"})},
		evidence.Regraded{Grade: "C3", Reason: text},
		evidence.Prolonged{Until: "2029-01-01", Reason: text},
		evidence.Translated{Language: "fr", Official: true, Text: text},
		evidence.Withdrawn{Reason: text},
		evidence.Opened{About: evidence.Destination, Subject: "XR", Marking: evidence.Amber, Compartment: "north", ReviewBy: "2027-01-01"},
		evidence.Written{Section: "situation", Items: []string{"i1"}, Text: text},
		evidence.LawSet{Part: evidence.Judge, Paper: evidence.Yes, Date: "2026-01-01", Practice: evidence.No, PracticeDate: "2026-02-01", Verified: true, Items: []string{"i1"}, Words: event.P(event.StreamOf("brief", "b1"), evidence.LawWords{Text: "t"})},
		evidence.Reviewed{Next: "2027-01-01", Note: text},
		evidence.QuestionAsked{Of: evidence.Embassy, Country: "XR", Party: "p1", Case: "c1", Fact: "user.mandate", Marking: evidence.Amber, Compartment: "north", Due: "2026-12-10", Words: event.P(event.StreamOf("question", "q1"), evidence.Asking{Whom: "w"})},
		evidence.QuestionHeld{Due: "2026-12-20", Note: text},
		evidence.QuestionChased{},
		evidence.QuestionAnswered{Item: "i1"},
		evidence.QuestionUnanswered{Why: text},
		evidence.Added{Country: "XR", Marking: evidence.Amber, Grade: "B2", Published: "2026-04-01", Kind: evidence.Summary, Asked: "organisations", Details: event.P(event.StreamOf("evidence", "i2"), evidence.Details{Title: "t"})},
		evidence.Added{Country: "XR", Marking: evidence.Amber, Grade: "B2", Published: "2026-04-11", Kind: evidence.Statement, Partner: "XA", Details: event.P(event.StreamOf("evidence", "i3"), evidence.Details{Title: "t"})},
	}
	kinds := map[string]bool{}
	for _, e := range shapes {
		kinds[e.EventType()] = true
	}
	if len(kinds) != len(evidence.Events()) {
		t.Fatalf("%d shapes of %d events", len(kinds), len(evidence.Events()))
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
		t.Errorf("a kept part changed:\n%s", got.Bytes())
	}
}
