package lists_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/comity-project/comity/content"
	"github.com/comity-project/comity/internal/lists"
	"github.com/comity-project/comity/repotest"
	"github.com/comity-project/comity/screening"
	"github.com/comity-project/comity/screening/listfile"
)

func madeUp(t *testing.T) []listfile.Result {
	t.Helper()
	var out []listfile.Result
	for _, name := range []string{"lists/comity-demo-un.yaml", "lists/alvania-denials.yaml"} {
		raw, err := content.FS.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		res, err := listfile.Read(listfile.YAML, listfile.DefaultLimits, listfile.File{Name: name, Reader: bytes.NewReader(raw)})
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, res)
	}
	return out
}

var scripts = map[string]*unicode.RangeTable{
	"Latin": unicode.Latin, "Cyrillic": unicode.Cyrillic, "Arabic": unicode.Arabic, "Greek": unicode.Greek, "Han": unicode.Han,
}

// demoStates are the invented states: codes that ISO leaves to its users.
var demoStates = "XN XA XW XR XB XT XO"

func TestMadeUpListsAreMarkedAndWide(t *testing.T) {
	parties, people, byScript := 0, 0, map[string]int{}
	for _, res := range madeUp(t) {
		if !strings.Contains(res.Notice, "made up") || !strings.Contains(res.Title, "made up") {
			t.Errorf("%s does not say that it is made up", res.Title)
		}
		grounds := map[string]bool{}
		for _, g := range res.Grounds {
			grounds[g.Entity] = true
		}
		for _, e := range res.Entities {
			parties++
			if !strings.HasPrefix(e.Remarks, "Made up.") {
				t.Errorf("%s is not marked", e.ID)
			}
			if e.Type == screening.Person {
				people++
				if !grounds[e.ID] {
					t.Errorf("%s has no ground", e.ID)
				}
			}
			for _, c := range e.Countries {
				if !strings.Contains(demoStates, c) {
					t.Errorf("%s is placed in the real state %s", e.ID, c)
				}
			}
			found := map[string]bool{}
			for _, n := range e.Names {
				for _, r := range n.Text {
					for name, table := range scripts {
						if unicode.Is(table, r) {
							found[name] = true
						}
					}
				}
			}
			for name := range found {
				byScript[name]++
			}
		}
	}
	if parties < 200 || people < 30 {
		t.Errorf("%d parties, %d of them natural persons", parties, people)
	}
	for name := range scripts {
		if byScript[name] < 20 {
			t.Errorf("%d parties with a name in %s", byScript[name], name)
		}
	}
	t.Logf("%d parties, %d natural persons, scripts %v", parties, people, byScript)
}

// TestMadeUpNamesAreNobodys holds every made-up name against the real lists:
// none may be there, nor be a subset of a real name's words.
func TestMadeUpNamesAreNobodys(t *testing.T) {
	root := repotest.Data(t, "lists")
	words := map[string][]map[string]bool{} // longest word -> names with it
	read := func(format listfile.Format, paths ...string) {
		var files []listfile.File
		for _, p := range paths {
			raw, err := os.ReadFile(p)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, listfile.File{Name: filepath.Base(p), Reader: bytes.NewReader(raw)})
		}
		res, err := listfile.Read(format, listfile.DefaultLimits, files...)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range res.Entities {
			for _, n := range e.Names {
				set := map[string]bool{}
				for _, w := range wordsOf(n.Text) {
					set[w] = true
				}
				for w := range set {
					words[w] = append(words[w], set)
				}
			}
		}
	}
	read(listfile.USConsolidated, filepath.Join(root, "us", "consolidated-screening-list_2026-07-31.json"))
	read(listfile.UN, filepath.Join(root, "un", "consolidated_2026-02-27.xml"))
	read(listfile.OFAC, filepath.Join(root, "us", "sdn_2024-05-03.csv"), filepath.Join(root, "us", "alt_2025-12-24.csv"))
	eu, err := filepath.Glob(filepath.Join(root, "eu", "*", "*.csv"))
	if err != nil {
		t.Fatal(err)
	}
	read(listfile.EU, eu...)
	for _, res := range madeUp(t) {
		for _, e := range res.Entities {
			for _, n := range e.Names {
				mine := wordsOf(n.Text)
				for _, real := range words[mine[0]] {
					all := true
					for _, w := range mine {
						all = all && real[w]
					}
					if all {
						t.Errorf("%s: %q is like a listed name: %v", e.ID, n.Text, real)
						break
					}
				}
			}
		}
	}
}

func wordsOf(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

func TestRealDifferenceOfTwoVersions(t *testing.T) {
	root := repotest.Data(t, "lists", "un")
	var versions [][]screening.Entity
	for _, name := range []string{"consolidated_2025-11-18.xml", "consolidated_2026-02-27.xml"} {
		raw, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		res, err := listfile.ReadUN(listfile.File{Name: name, Reader: bytes.NewReader(raw)}, listfile.DefaultLimits)
		if err != nil {
			t.Fatal(err)
		}
		versions = append(versions, res.Entities)
	}
	d := lists.Diff(versions[0], versions[1])
	if len(d.Added) != 4 || len(d.Removed) != 1 || len(d.Changed) != 2 || d.Kept != 997 {
		t.Errorf("added %d, removed %d, changed %d, kept %d", len(d.Added), len(d.Removed), len(d.Changed), d.Kept)
	}
}
