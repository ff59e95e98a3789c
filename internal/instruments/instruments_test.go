package instruments_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/comity-project/comity/content"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/instruments"
)

var record = flag.Bool("record", false, "write the shapes of events where there are none")

var now = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

func questions(t testing.TB) instruments.Elements {
	t.Helper()
	raw, err := content.FS.ReadFile("instruments/elements.yaml")
	if err != nil {
		t.Fatal(err)
	}
	e, err := instruments.ParseElements(raw)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func act(uses ...instruments.Use) instruments.Version {
	return instruments.Version{
		From: "2019-05-04", SourceDate: "2026-01-10", CatchAll: uses, Covers: []string{"catch-all", "refuse"},
		Words: instruments.Words{Title: "Export Control Act", Citation: "Act of 4 May 2019 no. 12", Source: "Gazette 2019 no. 12"},
	}
}

var on = instruments.OnInstrument{Instrument: "i1"}

func enter(v instruments.Version) instruments.Enter {
	return instruments.Enter{OnInstrument: on, Kind: instruments.Law, Owner: "petra", ReviewBy: "2027-11-01", Version: v}
}

func fold(t testing.TB, s event.State, at time.Time, events []event.New) {
	t.Helper()
	for _, n := range events {
		if err := s.Apply(event.Recorded{Stream: n.Stream, Time: at, Actor: "petra", Event: n.Event}); err != nil {
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
	for _, x := range f.Items {
		out = append(out, x.Where+"="+x.Key)
	}
	return strings.Join(out, " ")
}

func TestInstruments(t *testing.T) {
	f := instruments.InstrumentFacts{Now: now, Elements: questions(t), Owner: true, Every: 365}
	stranger := f
	stranger.Owner = false
	entered := []instruments.InstrumentCommand{enter(act())}
	version := func(change func(*instruments.Version)) instruments.Version { v := act(); change(&v); return v }
	for _, c := range []struct {
		name  string
		given []instruments.InstrumentCommand
		when  instruments.InstrumentCommand
		facts instruments.InstrumentFacts
		then  string
		or    string
	}{
		{"a law is entered", nil, enter(act()), f, "instrument.entered", ""},
		{"twice", entered, enter(act()), f, "", "instruments.exists"},
		{"by an owner who can't be one", nil, enter(act()), stranger, "", "instruments.invalid owner=instruments.owner.unknown"},
		{"without its citation", nil, enter(version(func(v *instruments.Version) { v.Words.Citation = " " })), f, "", "instruments.invalid citation=instruments.missing.citation"},
		{"read on a day to come", nil, enter(version(func(v *instruments.Version) { v.SourceDate = "2026-11-23" })), f, "", "instruments.invalid source_date=instruments.source_date.missing"},
		{"covering what the Code does not ask", nil, enter(version(func(v *instruments.Version) { v.Covers = []string{"taxes"} })), f, "", "instruments.invalid covers=instruments.element.unknown"},
		{"a version from a day to come", entered, instruments.Amend{OnInstrument: on, Version: version(func(v *instruments.Version) { v.From = "2027-01-01" })}, f, "instrument.amended", ""},
		{"a version before the one held", entered, instruments.Amend{OnInstrument: on, Version: version(func(v *instruments.Version) { v.From = "2018-01-01" })}, f, "", "instruments.invalid from=instruments.from.before"},
		{"a review", entered, instruments.ReviewInstrument{OnInstrument: on, Note: "Read; still so.", Next: "2027-11-22"}, f, "instrument.reviewed", ""},
		{"a review for longer than the period", entered, instruments.ReviewInstrument{OnInstrument: on, Note: "Read.", Next: "2028-01-01"}, f, "", "instruments.invalid next=instruments.review.next"},
		{"another owner", entered, instruments.HandOver{OnInstrument: on, Owner: "siri"}, f, "instrument.handed_over", ""},
		{"an end", entered, instruments.End{OnInstrument: on, To: "2026-12-31", Reason: "Replaced by the act of 2027."}, f, "instrument.ended", ""},
		{"a notice before the review is due", entered, instruments.NoticeOverdue{OnInstrument: on}, f, "", ""},
		{"of what is not there", nil, instruments.NoticeOverdue{OnInstrument: on}, f, "", "fault.not_found"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var i instruments.Instrument
			for _, g := range c.given {
				events, err := instruments.DecideInstrument(&i, g, f)
				if err != nil {
					t.Fatal(err)
				}
				fold(t, &i, now, events)
			}
			events, err := instruments.DecideInstrument(&i, c.when, c.facts)
			if got := refused(err); got != c.or {
				t.Fatalf("refused for %q, want %q", got, c.or)
			}
			got := ""
			if len(events) > 0 {
				got = events[0].Event.EventType()
			}
			if got != c.then {
				t.Fatalf("%q, want %q", got, c.then)
			}
			fold(t, &i, now, events)
		})
	}
}

// A version counts from its own day: before it the old one does, after its end
// none, and one from the same day corrects the other.
func TestVersionsCountFromTheirDay(t *testing.T) {
	i := instruments.Instrument{ID: "i1", Versions: []instruments.Version{
		{From: "2019-01-01", Words: instruments.Words{Title: "old"}},
		{From: "2027-01-01", Words: instruments.Words{Title: "wrong"}},
		{From: "2027-01-01", To: "2027-12-31", Words: instruments.Words{Title: "new"}},
	}}
	for day, want := range map[deadline.Date]string{"2018-12-31": "", "2019-01-01": "old", "2026-12-31": "old", "2027-01-01": "new", "2027-12-31": "new", "2028-01-01": ""} {
		got := ""
		if v := i.On(day); v != nil {
			got = v.Words.Title
		}
		if got != want {
			t.Errorf("%s: %q, want %q", day, got, want)
		}
	}
}

// judged answers the element "catch-all" for the instrument i1.
func judged(a instruments.Answer, change func(*instruments.Judge)) instruments.Judge {
	c := instruments.Judge{OnElement: instruments.OnElement{Element: "catch-all"}, Instrument: "i1", Answer: a, Reason: "As the text says."}
	if change != nil {
		change(&c)
	}
	return c
}

func TestElements(t *testing.T) {
	list := questions(t)
	q, _ := list.Element("catch-all")
	f := instruments.ElementFacts{Now: now, Question: q, Wording: list.Version, Owner: true, Case: true, Instrument: &instruments.Instrument{ID: "i1", Versions: []instruments.Version{act(instruments.HumanRights)}}}
	military := f
	military.Instrument = &instruments.Instrument{ID: "i1", Versions: []instruments.Version{act(instruments.Military)}}
	withdrawn := f
	withdrawn.Items = []string{"e1"}
	gap := []instruments.ElementCommand{judged(instruments.Gap, nil)}
	element := instruments.OnElement{Element: "catch-all"}
	planned := append(gap, instruments.Plan{OnElement: element, ID: "a1", Instrument: "i1", What: "Propose an amendment.", Owner: "petra", Due: "2027-03-01"})
	full := func(c *instruments.Judge) { c.Provision, c.Case = "s. 9", "case-1" }
	for _, c := range []struct {
		name  string
		given []instruments.ElementCommand
		when  instruments.ElementCommand
		facts instruments.ElementFacts
		then  string
		or    string
	}{
		{"met, with its place and a case", nil, judged(instruments.Met, full), f, "element.answered", ""},
		{"met without a place in the text", nil, judged(instruments.Met, func(c *instruments.Judge) { c.Case = "case-1" }), f, "", "instruments.invalid provision=instruments.provision.missing"},
		{"partly without a case that used it", nil, judged(instruments.Partly, func(c *instruments.Judge) { c.Provision = "s. 9" }), f, "", "instruments.invalid case=instruments.case.missing"},
		{"met by a clause that names military use only", nil, judged(instruments.Met, full), military, "", "instruments.invalid answer=instruments.answer.catch_all"},
		{"a gap in that clause", nil, judged(instruments.Gap, nil), military, "element.answered", ""},
		{"unknown needs no place", nil, judged(instruments.Unknown, nil), f, "element.answered", ""},
		{"without a reason", nil, judged(instruments.Unknown, func(c *instruments.Judge) { c.Reason = "" }), f, "", "instruments.invalid reason=instruments.missing.reason"},
		{"on a source that no longer stands", nil, judged(instruments.Unknown, func(c *instruments.Judge) { c.Items = []string{"e1"} }), withdrawn, "", "instruments.invalid items=instruments.items.unknown"},
		{"an action on a gap", gap, planned[1], f, "element.action_planned", ""},
		{"an action where there is none", nil, planned[1], f, "", "instruments.no_gap"},
		{"an action closed with what was done", planned, instruments.CloseAction{OnElement: element, ID: "a1", Done: "Sent to parliament."}, f, "element.action_closed", ""},
		{"an action closed without a word", planned, instruments.CloseAction{OnElement: element, ID: "a1"}, f, "", "instruments.invalid done=instruments.missing.done"},
		{"an action closed that is not there", gap, instruments.CloseAction{OnElement: element, ID: "a1", Done: "Done."}, f, "", "instruments.closed"},
		{"a reason for no action", gap, instruments.LeaveGap{OnElement: element, Instrument: "i1", Reason: "The regulation reaches it."}, f, "element.no_action_stated", ""},
		{"published with a bare gap", gap, instruments.Publish{OnElement: element, Public: true}, f, "", "instruments.publish.blocked #gaps=instruments.publish.gap"},
		{"published with a planned action", planned, instruments.Publish{OnElement: element, Public: true}, f, "element.published", ""},
		{"published with nothing said", nil, instruments.Publish{OnElement: element, Public: true}, f, "", "instruments.publish.blocked #answers=instruments.publish.nothing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var e instruments.Element
			for _, g := range c.given {
				events, err := instruments.DecideElement(&e, g, f)
				if err != nil {
					t.Fatal(err)
				}
				fold(t, &e, now, events)
			}
			events, err := instruments.DecideElement(&e, c.when, c.facts)
			if got := refused(err); got != c.or {
				t.Fatalf("refused for %q, want %q", got, c.or)
			}
			if err == nil && (len(events) != 1 || events[0].Event.EventType() != c.then) {
				t.Fatalf("%+v", events)
			}
			fold(t, &e, now, events)
		})
	}
}

// A gap is bare until an action is planned or a reason given; a closed action or
// a new answer makes it bare again, and only another answer closes it. As at an
// earlier instant all is as it stood then.
func TestAGapStaysUntilItIsAnswered(t *testing.T) {
	var e instruments.Element
	step := 0
	say := func(ev event.Event) time.Time {
		step++
		at := now.Add(time.Duration(step) * time.Hour)
		fold(t, &e, at, []event.New{{Stream: "element/catch-all", Event: ev}})
		return at
	}
	bare := func(at time.Time, want ...bool) {
		t.Helper()
		var got []bool
		for _, g := range e.Gaps(at) {
			got = append(got, g.Bare())
		}
		if len(got) != len(want) || len(got) == 1 && got[0] != want[0] {
			t.Errorf("gaps at %s: bare %v, want %v", at, got, want)
		}
	}
	bare(now)
	gap := say(instruments.Answered{Answer: instruments.Gap})
	bare(gap, true)
	planned := say(instruments.ActionPlanned{ID: "a1", Owner: "petra", Due: "2027-01-01"})
	bare(planned, false)
	closed := say(instruments.ActionClosed{ID: "a1"})
	bare(closed, true)
	left := say(instruments.NoActionStated{})
	bare(left, false)
	again := say(instruments.Answered{Answer: instruments.Partly})
	bare(again, true)
	met := say(instruments.Answered{Answer: instruments.Met})
	bare(met)
	bare(planned, false)
	bare(gap, true)
	bare(now)
	if got := e.At(instruments.Together, now).Answer; got != instruments.Unknown {
		t.Errorf("before anybody answered: %q", got)
	}
}

// What is published says of each element whether it is; nothing else leaves.
func TestASheetHoldsWhatWasPublished(t *testing.T) {
	list := questions(t)
	var e instruments.Element
	fold(t, &e, now, []event.New{
		{Stream: "element/catch-all", Event: instruments.Answered{Answer: instruments.Met, Provision: "s. 9", Case: "case-1", Items: []string{"e1"}, Reason: event.P(event.Stream("element/catch-all"), "Between us.")}},
		{Stream: "element/catch-all", Event: instruments.Published{Public: true}},
	})
	var hidden instruments.Element
	fold(t, &hidden, now, []event.New{{Stream: "element/review", Event: instruments.Answered{Answer: instruments.Gap}}})
	m := instruments.Draw(list, nil, map[string]*instruments.Element{"catch-all": &e, "review": &hidden}, now)
	s := m.Sheet("XN", list.Version, func([]string) []instruments.Reference { return nil })
	raw, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"Between us", "case-1", "e1\"", "petra", `"gap"`} {
		if bytes.Contains(raw, []byte(secret)) {
			t.Errorf("the sheet holds %q: %s", secret, raw)
		}
	}
	back, err := instruments.ParseSheet(raw)
	if err != nil {
		t.Fatal(err)
	}
	if len(back.Elements) != len(list.List) || !back.Elements[1].Published || back.Elements[0].Published {
		t.Errorf("%+v", back.Elements[:2])
	}
	var p instruments.Peer
	events, err := instruments.DecidePeer(&p, instruments.TakePeer{Sheet: back, Source: "https://norland.example/tools.json"}, "XA")
	if err != nil {
		t.Fatal(err)
	}
	fold(t, &p, now, events)
	for _, c := range []struct {
		own  string
		day  deadline.Date
		want string
	}{
		{"XN", "2026-11-22", "instruments.invalid file=instruments.sheet.own"},
		{"XA", "2026-11-21", "instruments.invalid file=instruments.sheet.older"},
		{"XA", "", "instruments.invalid file=instruments.sheet.unreadable"},
	} {
		x := back
		x.Day = c.day
		if _, err := instruments.DecidePeer(&p, instruments.TakePeer{Sheet: x, Source: "there"}, c.own); refused(err) != c.want {
			t.Errorf("%q, want %q", refused(err), c.want)
		}
	}
}

func FuzzParseSheet(f *testing.F) {
	f.Add([]byte(`{"schema":"comity.self-assessment/v1","state":"XA","day":"2026-11-22","wording":"1","elements":[{"id":"review","clause":"C1","title":"t","published":true,"answers":[{"answer":"met","date":"2026-01-01","evidence":[{"title":"x"}]}]}]}`))
	f.Add([]byte(`{"schema":"comity.self-assessment/v1","state":"XA","day":"2026-11-22","wording":"1","elements":[{"id":"review","published":false,"answers":[{"answer":"met"}]}]}`))
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, err := instruments.ParseSheet(raw)
		if err != nil {
			return
		}
		out, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := instruments.ParseSheet(out); err != nil {
			t.Fatalf("what was read can't be read again: %v", err)
		}
	})
}

// TestEventShapes holds the kept part of each event to the recorded one. Events
// are kept for ever: they may gain optional fields and change in nothing else.
func TestEventShapes(t *testing.T) {
	text := event.P(event.StreamOf("element", "review"), "words")
	dated := instruments.Dated{From: "2019-01-01", To: "2027-01-01", SourceDate: "2026-01-01", CatchAll: []instruments.Use{instruments.Military}, Covers: []string{"review"}, Words: event.P(event.StreamOf("instrument", "i1"), instruments.Words{Title: "t"})}
	shapes := []event.Event{
		instruments.Entered{Kind: instruments.Law, Owner: "a1", ReviewBy: "2027-01-01", Version: dated},
		instruments.Amended{Version: dated},
		instruments.Ended{To: "2027-01-01", Reason: text},
		instruments.Reviewed{Next: "2027-01-01", Note: text},
		instruments.HandedOver{Owner: "a2"},
		instruments.OverdueNoticed{ReviewBy: "2026-01-01"},
		instruments.Answered{Instrument: "i1", Answer: instruments.Partly, Provision: "s. 9", Items: []string{"e1"}, Case: "c1", Wording: "2026-11-22", Reason: text},
		instruments.ActionPlanned{ID: "x1", Instrument: "i1", Owner: "a1", Due: "2027-01-01", What: text},
		instruments.ActionClosed{ID: "x1", Done: text},
		instruments.NoActionStated{Instrument: "i1", Reason: text},
		instruments.Published{Public: true},
		instruments.PeerTaken{Sheet: instruments.Sheet{Schema: instruments.Schema, State: "XA", Day: "2026-01-01", Wording: "1", Elements: []instruments.SheetElement{{ID: "review", Clause: "C1", Title: "t", Published: true, Answers: []instruments.SheetAnswer{{Instrument: "i", Citation: "c", Answer: instruments.Met, Provision: "s. 9", Date: "2026-01-01", Evidence: []instruments.Reference{{Title: "t", Address: "https://x.example"}}}}}}}, Source: "there"},
	}
	if len(shapes) != len(instruments.Events()) {
		t.Fatalf("%d shapes of %d events", len(shapes), len(instruments.Events()))
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
