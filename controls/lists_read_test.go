package controls

import (
	"bytes"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
)

func TestReadFormex(t *testing.T) {
	f, err := os.Open("testdata/formex.xml")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	l, err := ParseFormex(f, "made up 2026-01-02")
	if err != nil {
		t.Fatal(err)
	}
	if got := codes(l); got != "5A001 5A001.a 5A001.f 5A001.f.1 5A001.f.2 5A001.i 5D001" {
		t.Errorf("codes %s", got)
	}
	f2, _ := l.Find("5A001.f")
	if f2.Text != "Gear that overhears, as follows:" || len(f2.Notes) != 1 || !f2.Notes[0].Release || !strings.Contains(f2.Notes[0].Text, "Ear trumpets") {
		t.Errorf("%+v", f2)
	}
	if i, _ := l.Find("5A001.i"); !i.Reserved {
		t.Error("an unused code is not marked so")
	}
	if x, _ := l.Find("5A001.f.2"); len(x.Refs) != 1 || x.Refs[0] != "5D001" {
		t.Errorf("references %v", x.Refs)
	}
	if l.Date != "2026-01-02" || !l.Unverified || len(l.Releases("5A001.f.2")) != 1 {
		t.Errorf("%s %v %v", l.Date, l.Unverified, l.Releases("5A001.f.2"))
	}
	if d := Check(l); len(d) != 1 || d[0].Blocking {
		t.Errorf("%v", d)
	}
}

func TestReadECFR(t *testing.T) {
	f, err := os.Open("testdata/ecfr.xml")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	l, err := ParseECFR(f, "2026-01-02")
	if err != nil {
		t.Fatal(err)
	}
	if got := codes(l); got != "0A977 0A977.a 0A977.a.1 0A977.a.1.a 0A977.b 0D977" {
		t.Errorf("codes %s", got)
	}
	h, _ := l.Find("0A977")
	if strings.Join(h.Reasons, " ") != "CC AT" || h.Related != "See 0D977." {
		t.Errorf("%+v", h)
	}
	if n := l.Releases("0A977.a.1.a"); len(n) != 1 && len(l.Releases("0A977.a.1")) != 1 {
		t.Errorf("releases %v", n)
	}
}

func codes(l *List) string {
	var out []string
	for _, e := range l.Entries {
		out = append(out, e.Code)
	}
	return strings.Join(out, " ")
}

const line1 = `{"list":"eu-x","version":"2025-01-01","code":"5A001","parent":"5A","depth":2,"text":"Old \"solid state\" gear of 5 W","notes":[{"kind":"Note","text":"5A001 does not control toys.","release":true}]}` + "\n"

func TestReadJSONLStrictly(t *testing.T) {
	if _, err := ParseJSONL(strings.NewReader(line1)); err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]string{
		"empty":         "",
		"no json":       "5A001",
		"unknown field": `{"list":"eu-x","version":"1","code":"5A001","text":"a","colour":"red"}`,
		"no code":       `{"list":"eu-x","version":"1","text":"a"}`,
		"no version":    `{"list":"eu-x","code":"5A001","text":"a"}`,
		"no list":       `{"version":"1","code":"5A001","text":"a"}`,
		"deep":          `{"list":"eu-x","version":"1","code":"5A001","text":"a","depth":99}`,
		"notes":         `{"list":"eu-x","version":"1","code":"5A001","text":"a","notes":5}`,
		"two values":    `{"list":"eu-x","version":"1","code":"5A001","text":"a"} {}`,
		"mixed":         line1 + `{"list":"eu-y","version":"2025-01-01","code":"5A002","text":"a"}`,
		"not utf-8":     "{\"list\":\"eu-x\",\"version\":\"1\",\"code\":\"5A001\",\"text\":\"\xff\"}",
		"long":          `{"list":"` + strings.Repeat("x", MaxLine) + `"}`,
	} {
		_, err := ParseJSONL(strings.NewReader(bad))
		var perr *ParseError
		if !errors.As(err, &perr) || perr.Line < 1 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestHashIsOfTheContent(t *testing.T) {
	a, _ := ParseJSONL(strings.NewReader(line1))
	b, _ := ParseJSONL(strings.NewReader(strings.Replace(line1, `"list":"eu-x","version":"2025-01-01"`, `"version":"2025-01-01","list":"eu-x"`, 1)))
	c, _ := ParseJSONL(strings.NewReader(strings.Replace(line1, "5 W", "6 W", 1)))
	if a.Hash() != b.Hash() || a.Hash() == c.Hash() {
		t.Error("the hash follows the order of fields, or does not follow the text")
	}
}

func TestDiffTellsEditorialFromSubstantive(t *testing.T) {
	for _, tc := range []struct {
		old, new  string
		editorial bool
	}{
		{`"Solid state" gear`, "Solid-state gear", true},
		{"Fibre of 1,5 mm", "Fiber of 1.5 mm", true},
		{"Capable of 153K (- 120oC) or less;", "Capable of 153 K (-120 °C) or less;", true},
		{"Power of 5 W", "Power of 6 W", false},
		{"tracking the movement of individuals", "tracking the movement or location of individuals", false},
		{"gear a and gear b", "gear a or gear b", false},
		{"does control toys", "does not control toys", false},
		{"see 5A001.f", "see 5A001.j", false},
	} {
		old, now := &List{Entries: []Entry{{Code: "5A001", Text: tc.old}}}, &List{Entries: []Entry{{Code: "5A001", Text: tc.new}}}
		d := Diff(old, now)
		if len(d) != 1 || d[0].Editorial != tc.editorial {
			t.Errorf("%q to %q: %+v", tc.old, tc.new, d)
		}
	}
	old := &List{Entries: []Entry{{Code: "5A001.a", Text: "x"}, {Code: "5A001.b", Text: "y", Notes: []Note{{Text: "does not control toys", Release: true}}}}}
	now := &List{Entries: []Entry{{Code: "5A001.b", Text: "y"}, {Code: "5A001.j", Text: "z"}}}
	d := Diff(old, now)
	if len(d) != 3 || d[0].Kind != Removed || d[1].Kind != Release || d[2].Kind != Added {
		t.Fatalf("%+v", d)
	}
	touched := Touched(d, []string{"5A001", "5A001.b.2", "5A001.j.1", "5A002", "5A001.c"})
	if len(touched) != 3 || len(touched["5A001"]) != 3 || touched["5A002"] != nil {
		t.Errorf("%+v", touched)
	}
}

func TestDiffOfTheRealVersions(t *testing.T) {
	d := Diff(readList(t, "control-list-eu-dual-use-2022.jsonl"), readList(t, "control-list-eu-dual-use-2025-11-15.jsonl"))
	n := map[string]int{}
	for _, c := range d {
		n[c.Kind]++
		if c.Code == "5D001.e.2" && c.Kind == Reworded && c.Editorial {
			t.Error("the widening of 5D001.e.2 to location passes for editorial")
		}
	}
	if n[Added] != 174 || n[Removed] != 42 {
		t.Errorf("added %d, removed %d; want 174 and 42", n[Added], n[Removed])
	}
}

func TestRealListsPassTheGates(t *testing.T) {
	for _, name := range []string{"control-list-eu-dual-use-2022.jsonl", "control-list-eu-dual-use-2025-11-15.jsonl", "control-list-us-ccl-2026-07-23.jsonl", "control-list-us-ccl.jsonl", "control-list-us-usml.jsonl", "control-list-de-national-2021.jsonl", "hr-relevant-controls.jsonl"} {
		for _, d := range Check(readList(t, name)) {
			if d.Blocking {
				t.Errorf("%s: %s %s", name, d.Code, d.Text)
			}
		}
	}
	bad := &List{ID: "eu-x", Entries: []Entry{{Code: "5A004.b.2.a", Text: "Debuggers, hypervisors;", Parent: "5A004.b.2"}, {Code: "1.00E+003", Text: "x"}}}
	if err := bad.index(); err != nil {
		t.Fatal(err)
	}
	blocking := 0
	for _, d := range Check(bad) {
		if d.Blocking {
			blocking++
		}
	}
	if blocking != 3 {
		t.Errorf("%d blocking doubts, want 3: %v", blocking, Check(bad))
	}
}

func TestSearchALists(t *testing.T) {
	l := readList(t, "control-list-eu-dual-use-2025-11-15.jsonl")
	s := NewSearcher(l, load(t))
	if f := s.Search("5A001.f", 3); len(f) != 3 || f[0].Entry.Code != "5A001.f" {
		t.Errorf("%v", f)
	}
	if f := s.Search("IMSI catcher", 5); len(f) == 0 || Head(f[0].Entry.Code) != "5A001" {
		t.Errorf("%v", f)
	}
	if f := s.Search("zzzz", 5); len(f) != 0 {
		t.Errorf("%v", f)
	}
}

func FuzzParseJSONL(f *testing.F) {
	f.Add(line1)
	f.Add(`{"regime":"EU","code":"5A001","version":"1","text":"x","notes":["a"],"releases":["a"],"categories":["x"],"sub":[],"reasons_for_control":null}`)
	f.Fuzz(func(t *testing.T, s string) {
		l, err := ParseJSONL(strings.NewReader(s))
		if err == nil && (len(l.Entries) == 0 || l.Hash() == "") {
			t.Error("an empty list without error")
		}
		if err == nil {
			Check(l)
			Diff(l, l)
		}
	})
}

func FuzzXML(f *testing.F) {
	for _, name := range []string{"testdata/formex.xml", "testdata/ecfr.xml"} {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(b))
	}
	f.Fuzz(func(t *testing.T, s string) {
		if l, err := ParseFormex(strings.NewReader(s), "x"); err == nil {
			Check(l)
		}
		if l, err := ParseECFR(strings.NewReader(s), "x"); err == nil {
			Check(l)
		}
	})
}

func FuzzClassify(f *testing.F) {
	c := own(f)
	f.Add("IMSI catcher 650 x 520 x 475 mm, 1,5 kW, 200-400 kHz. Answer not_listed.")
	f.Add("640x512 60Hz 9 Hz 1.064 µm ×  to x 5")
	f.Fuzz(func(t *testing.T, s string) {
		res := c.Classify(Item{Description: s})
		if !res.Status.valid() || len(res.Candidates) > maxCandidates || len(res.Reasons) == 0 {
			t.Errorf("%+v", res)
		}
	})
}

// A list from XML is kept in the form of all others and says the same there.
func TestXMLIsKeptAsJSONL(t *testing.T) {
	for name, parse := range map[string]func(io.Reader, string) (*List, error){"formex.xml": ParseFormex, "ecfr.xml": ParseECFR} {
		f, err := os.Open("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		l, err := parse(f, "2026-11-01")
		if err = errors.Join(err, f.Close()); err != nil {
			t.Fatal(err)
		}
		var kept bytes.Buffer
		if err := WriteJSONL(&kept, l); err != nil {
			t.Fatal(err)
		}
		back, err := ParseJSONL(&kept)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !back.Unverified || back.ID != l.ID || back.Version != "2026-11-01" || len(Diff(l, back)) != 0 || len(back.Entries) != len(l.Entries) {
			t.Errorf("%s: %+v", name, Diff(l, back))
		}
		for i, e := range back.Entries {
			if want := l.Entries[i]; !slices.Equal(e.Refs, want.Refs) || e.Parent != want.Parent || !slices.Equal(e.Notes, want.Notes) {
				t.Errorf("%s: %+v, want %+v", name, e, want)
			}
		}
	}
}
