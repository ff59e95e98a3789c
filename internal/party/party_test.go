package party_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/party"
)

func ministry() party.Party {
	return party.Party{
		ID: "p1", Roles: []party.Role{party.EndUser}, Kind: party.Agency, Tie: party.State, Country: "XA",
		Names: []party.Name{{Text: "وزارة الداخلية", Language: "ar", Script: "Arab", Latin: "Ministry of Interior"}, {Text: "MoI", Kind: party.Short}},
		Tree: party.Tree{
			{ID: "m", Level: party.Ministry, Names: []party.Name{{Text: "Ministry"}}},
			{ID: "d", Parent: "m", Level: party.Directorate, Names: []party.Name{{Text: "Directorate"}}, Until: "2025-06-30"},
			{ID: "u", Parent: "d", Level: party.UnitLevel, Names: []party.Name{{Text: "Unit 26"}}},
			{ID: "s", Parent: "u", Level: party.Site, Names: []party.Name{{Text: "Site"}}, Site: party.Address{Country: "XA"}, From: "2024-01-01"},
		},
	}
}

func person() party.Party {
	return party.Party{
		ID: "p2", Roles: []party.Role{party.Agent}, Kind: party.Person, Country: "XB", Names: []party.Name{{Text: "Mira Solano"}},
		Record: &party.Record{Function: "agent", Source: "exporter", Purpose: "licence application", RetainUntil: "2031-11-23"},
	}
}

func names(err error) string {
	var f *fault.Error
	if !errors.As(err, &f) {
		return fmt.Sprint(err)
	}
	s := f.Key
	for _, x := range f.Fields {
		s += " " + x.Key
	}
	return s
}

func TestValidate(t *testing.T) {
	for name, row := range map[string]struct {
		change func(*party.Party)
		want   string
	}{
		"a ministry":                   {func(*party.Party) {}, ""},
		"no role":                      {func(p *party.Party) { p.Roles = nil }, "party.role.missing"},
		"a victim":                     {func(p *party.Party) { p.Roles = []party.Role{"victim"} }, "party.role.unknown"},
		"a witness":                    {func(p *party.Party) { p.Roles = []party.Role{"witness"} }, "party.role.unknown"},
		"a source":                     {func(p *party.Party) { p.Roles = []party.Role{"source"} }, "party.role.unknown"},
		"no kind":                      {func(p *party.Party) { p.Kind = "" }, "party.kind.unknown"},
		"Kosovo":                       {func(p *party.Party) { p.Country = "XK" }, ""},
		"a code nobody has":            {func(p *party.Party) { p.Country = "ZZ" }, "party.country.unknown"},
		"small letters":                {func(p *party.Party) { p.Country = "no" }, "party.country.unknown"},
		"an empty name":                {func(p *party.Party) { p.Names[0].Text = " " }, "party.name.empty"},
		"a name with a control":        {func(p *party.Party) { p.Names[0].Text = "a\x00b" }, "party.too_long"},
		"a name that is no text":       {func(p *party.Party) { p.Names[0].Text = "a\xff" }, "party.too_long"},
		"a very long name":             {func(p *party.Party) { p.Names[0].Text = strings.Repeat("ж", party.MaxText+1) }, "party.too_long"},
		"a long name":                  {func(p *party.Party) { p.Names[0].Text = strings.Repeat("ж", party.MaxText) }, ""},
		"a tree in a circle":           {func(p *party.Party) { p.Tree[0].Parent = "s" }, "party.tree.loop"},
		"a unit under nothing":         {func(p *party.Party) { p.Tree[1].Parent = "x" }, "party.tree.parent"},
		"a unit twice":                 {func(p *party.Party) { p.Tree[1].ID = "m" }, "party.id"},
		"a unit that ended before":     {func(p *party.Party) { p.Tree[1].From = "2026-01-01" }, "party.span"},
		"a level nobody has":           {func(p *party.Party) { p.Tree[1].Level = "squad" }, "party.level.unknown"},
		"owners over 100 per cent":     {func(p *party.Party) { p.Ownership.Owners = owners(6000, 5000) }, "party.share.sum"},
		"owners of 100 per cent":       {func(p *party.Party) { p.Ownership.Owners = owners(6000, 4000) }, ""},
		"a natural owner without why":  {func(p *party.Party) { p.Ownership.Owners = []party.Owner{{ID: "o", Kind: party.Person}} }, "party.record.missing"},
		"a natural person without why": {func(p *party.Party) { *p = person(); p.Record = nil }, "party.record.missing"},
		"without end":                  {func(p *party.Party) { *p = person(); p.Record.RetainUntil = "" }, "party.record.retention"},
		"a natural person":             {func(p *party.Party) { *p = person() }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := ministry()
			row.change(&p)
			f := fault.New(fault.Invalid, "x")
			p.Validate(f, "party")
			if got := names(f.Or()); (row.want == "") != (f.Or() == nil) || !strings.Contains(got, row.want) {
				t.Errorf("got %s, want %s", got, row.want)
			}
		})
	}
}

func owners(shares ...int) []party.Owner {
	var out []party.Owner
	for i, s := range shares {
		out = append(out, party.Owner{ID: fmt.Sprint(i), Kind: party.Organisation, ShareBP: s})
	}
	return out
}

func TestTheTreeIsDated(t *testing.T) {
	tree := ministry().Tree
	if got := len(tree.On("2025-01-01")); got != 4 {
		t.Errorf("%d units in 2025", got)
	}
	later := tree.On("2026-01-01")
	u, ok := later.Unit("u")
	if len(later) != 3 || !ok || u.Parent != "" {
		t.Errorf("when the directorate is gone, the unit stands at the top: %+v", later)
	}
	if len(tree.On("2023-01-01")) != 3 {
		t.Error("the site was not there yet")
	}
	path := tree.Path("s")
	if len(path) != 4 || path[0].ID != "m" || path[3].ID != "s" {
		t.Errorf("path %+v", path)
	}
	if tree.Path("nowhere") != nil {
		t.Error("a path to nowhere")
	}
}

func TestApartAndJoinedAreReverses(t *testing.T) {
	p := person()
	p.Addresses = []party.Address{{Lines: []string{"12 Harbour Row"}, Country: "XB"}}
	bare, details := p.Apart()
	if b, _ := json.Marshal(bare); strings.Contains(string(b), "Solano") || strings.Contains(string(b), "Harbour") {
		t.Errorf("the bare party holds %s", b)
	}
	if !reflect.DeepEqual(bare.Joined(details), p) {
		t.Error("not the same again")
	}
}

// entry folds commands into an entry; erased says whether its key is gone.
func entry(t *testing.T, erased bool, cmds ...party.Command) (*party.Entry, error) {
	t.Helper()
	e, again := &party.Entry{}, &party.Entry{}
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	for i, c := range cmds {
		events, err := party.Decide(e, c)
		if err != nil {
			return e, err
		}
		p := event.Pointer(events[0].Event)
		if err := e.Apply(event.Recorded{Stream: c.Stream(), Version: int64(i + 1), Time: now, Event: event.Value(p)}); err != nil {
			t.Fatal(err)
		}
		parts, err := event.Parts(p)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range parts {
			if part.PartOwner() != c.Stream() {
				t.Fatalf("%s is sealed under %s", events[0].Event.EventType(), part.PartOwner())
			}
		}
		if erased {
			if p, err = gone(p, event.Erasure{Time: now, Rule: "retention/party"}); err != nil {
				t.Fatal(err)
			}
		}
		if err := again.Apply(event.Recorded{Stream: c.Stream(), Version: int64(i + 1), Time: now, Event: event.Value(p)}); err != nil {
			t.Fatal(err)
		}
	}
	b, err := json.Marshal(again)
	if err != nil {
		t.Fatal(err)
	}
	var back party.Entry
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(back.Rows(), again.Rows()) {
		t.Fatal("the entry does not survive JSON")
	}
	return again, nil
}

// gone is the event as a ledger gives it back when its key was destroyed: from
// the kept part alone.
func gone(p any, e event.Erasure) (any, error) {
	kept, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	fresh, err := event.NewRegistry(party.Events()...).New(event.Value(p).EventType())
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(kept, fresh); err != nil {
		return nil, err
	}
	parts, err := event.Parts(fresh)
	for _, part := range parts {
		part.SetErased(e)
	}
	return fresh, err
}

var (
	at       = party.On{Entry: "e1"}
	register = party.Register{On: at, Party: person(), Source: "case/1"}
	renamed  = party.Rename{On: at, Names: []party.Name{{Text: "Mira Sand"}}, Until: "2026-05-01"}
	objected = party.Object{On: at, Objection: "o1", Received: "2026-11-20", Text: "I left this company."}
)

func TestRegisterDecides(t *testing.T) {
	agency := party.Register{On: at, Party: ministry(), Source: "case/1"}
	correct := party.Correct{On: at, Country: "XC", Details: party.Details{Names: []party.Name{{Text: "Mira Solano"}}}, Why: "She moved."}
	for _, row := range []struct {
		name string
		cmds []party.Command
		want string // key of the refusal of the last; empty: it is taken
	}{
		{"a person", []party.Command{register}, ""},
		{"a ministry", []party.Command{agency}, ""},
		{"twice", []party.Command{register, register}, "party.entry.exists"},
		{"a person without source", []party.Command{party.Register{On: at, Party: person()}}, "party.record.missing"},
		{"a new name", []party.Command{register, renamed}, ""},
		{"no new name", []party.Command{register, party.Rename{On: at, Until: "2026-05-01"}}, "party.name.empty"},
		{"a new name from nowhere", []party.Command{register, party.Rename{On: at, Names: renamed.Names}}, "party.span"},
		{"what is not there", []party.Command{renamed}, "party.entry.unknown"},
		{"a unit of another", []party.Command{agency, party.LinkUnit{On: at, Link: party.UnitLink{Parent: "e0", Unit: "u", From: "2020-01-01", Source: "decree"}}}, ""},
		{"a unit of itself", []party.Command{agency, party.LinkUnit{On: at, Link: party.UnitLink{Parent: "e1"}}}, "party.tree.parent"},
		{"a unit backwards in time", []party.Command{agency, party.LinkUnit{On: at, Link: party.UnitLink{Parent: "e0", From: "2022-01-01", Until: "2021-01-01"}}}, "party.span"},
		{"a new tree", []party.Command{agency, party.Reorganise{On: at, Units: ministry().Tree[:1]}}, ""},
		{"a person's tree", []party.Command{register, party.Reorganise{On: at, Units: ministry().Tree}}, "party.tree.person"},
		{"a correction", []party.Command{register, correct}, ""},
		{"a correction of nothing", []party.Command{register, correct, correct}, "party.correct.same"},
		{"a correction without why", []party.Command{register, party.Correct{On: at, Country: "XC", Details: correct.Details}}, "party.too_long"},
		{"an objection", []party.Command{register, objected}, ""},
		{"an objection twice", []party.Command{register, objected, objected}, "party.objection"},
		{"an answer", []party.Command{register, objected, party.AnswerObjection{On: at, Objection: "o1", Upheld: true, Answer: "Corrected."}}, ""},
		{"an answer to nothing", []party.Command{register, party.AnswerObjection{On: at, Objection: "o1", Answer: "x"}}, "party.objection.unknown"},
		{"an answer twice", []party.Command{register, objected, party.AnswerObjection{On: at, Objection: "o1", Answer: "x"}, party.AnswerObjection{On: at, Objection: "o1", Answer: "x"}}, "party.objection.answered"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := entry(t, false, row.cmds...)
			if (err == nil) != (row.want == "") || !strings.Contains(names(err), row.want) {
				t.Errorf("got %v, want %q", err, row.want)
			}
		})
	}
}

func TestAnEntryKeepsItsPastNames(t *testing.T) {
	e, err := entry(t, false, register, renamed)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := json.Marshal(e.Rows())
	if !strings.Contains(string(b), "Mira Sand") || !strings.Contains(string(b), "Mira Solano") || e.Past[0].Until != "2026-05-01" {
		t.Errorf("rows %s", b)
	}
}

func TestAnErasedPersonIsGoneFromStateRowsAndSearch(t *testing.T) {
	e, err := entry(t, true, register, renamed, objected)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := json.Marshal([]any{e, e.Rows()})
	for _, s := range []string{"Mira", "Solano", "Sand", "left this company", "exporter"} {
		if strings.Contains(string(b), s) {
			t.Errorf("%q is still there: %s", s, b)
		}
	}
	if e.Erased == nil || e.Erased.Rule != "retention/party" || e.Retain != "2031-11-23" {
		t.Errorf("it does not say when and why: %+v", e)
	}
	if _, err := party.Decide(e, renamed); !strings.Contains(names(err), "party.entry.erased") {
		t.Errorf("an erased entry is changed: %v", err)
	}
}

func TestEventShapes(t *testing.T) {
	e := &party.Entry{}
	agency := party.Register{On: at, Party: ministry(), Source: "case/1"}
	seen := map[string]bool{}
	cmds := []party.Command{
		agency, renamed,
		party.LinkUnit{On: at, Link: party.UnitLink{Parent: "e0", Unit: "u", From: "2020-01-01", Source: "decree"}},
		party.Reorganise{On: at, Units: ministry().Tree[:2]},
		party.Correct{On: at, Country: "XC", Tie: party.State, Details: party.Details{Names: renamed.Names}, Why: "Moved."},
		objected,
		party.AnswerObjection{On: at, Objection: "o1", Upheld: true, Answer: "Corrected."},
	}
	for i, c := range cmds {
		events, err := party.Decide(e, c)
		if err != nil {
			t.Fatal(err)
		}
		ev := events[0].Event
		seen[ev.EventType()] = true
		if err := e.Apply(event.Recorded{Stream: c.Stream(), Version: int64(i + 1), Time: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC), Event: ev}); err != nil {
			t.Fatal(err)
		}
		kept, err := json.MarshalIndent(ev, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		name := "testdata/events/" + ev.EventType() + ".golden"
		if os.Getenv("UPDATE") != "" {
			if err := os.MkdirAll("testdata/events", 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, append(kept, '\n'), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(name)
		if err != nil || string(want) != string(kept)+"\n" {
			t.Errorf("%s (%v):\n%s", name, err, kept)
		}
		for _, s := range []string{"Ministry", "وزارة", "Mira", "decree", "left", "Moved"} {
			if strings.Contains(string(kept), s) {
				t.Errorf("%s keeps %q for ever", ev.EventType(), s)
			}
		}
	}
	for _, ev := range party.Events() {
		if !seen[ev.EventType()] {
			t.Errorf("no golden file for %s", ev.EventType())
		}
	}
}

func TestEveryMessageHasASentence(t *testing.T) {
	cat, err := lang.Load(os.DirFS("../../content"))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range party.Roles {
		if !cat.Has("party.role." + string(r)) {
			t.Errorf("no name for the role %q", r)
		}
	}
	for _, ev := range party.Events() {
		if !cat.Has("timeline." + ev.EventType()) {
			t.Errorf("no sentence for %s", ev.EventType())
		}
	}
}

func TestCountries(t *testing.T) {
	if n := len(party.Countries()); n != 249 {
		t.Errorf("%d assigned codes", n)
	}
	for code, want := range map[string]bool{"NO": true, "XK": true, "XA": true, "XZ": true, "X1": false, "": false, "NOR": false, "AA": false, "ÅL": false} {
		if party.ValidCountry(code) != want {
			t.Errorf("%q: %v", code, !want)
		}
	}
}

func FuzzBounded(f *testing.F) {
	f.Add("Міністерство", 20)
	f.Add("a\x00", 3)
	f.Fuzz(func(t *testing.T, s string, n int) {
		if n < 0 || n > 1<<20 {
			return
		}
		if party.Bounded(s, n) && (len([]rune(s)) > n || strings.ToValidUTF8(s, "") != s) {
			t.Errorf("%q is no text of at most %d characters", s, n)
		}
	})
}
