package assessment_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/repotest"
	"github.com/comity-project/comity/screening"
	"github.com/comity-project/comity/screening/listfile"
)

// realEngines are the engines over the shipped lists and the real ones.
func realEngines(t testing.TB) assessment.Engines {
	t.Helper()
	root := repotest.Data(t)
	var entities []screening.Entity
	info := map[string]assessment.ListInfo{}
	add := func(format listfile.Format, kind assessment.ListKind, paths ...string) {
		var files []listfile.File
		for _, p := range paths {
			b, err := os.ReadFile(p)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, listfile.File{Name: filepath.Base(p), Reader: bytes.NewReader(b)})
		}
		r, err := listfile.Read(format, listfile.DefaultLimits, files...)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range r.Entities {
			if _, ok := info[e.List]; !ok {
				info[e.List] = assessment.ListInfo{Kind: kind}
			}
		}
		entities = append(entities, r.Entities...)
	}
	glob := func(parts ...string) []string {
		m, err := filepath.Glob(filepath.Join(append([]string{root, "lists"}, parts...)...))
		if err != nil || len(m) == 0 {
			t.Fatalf("no files in %v", parts)
		}
		return m
	}
	add(listfile.YAML, assessment.Denials, "../../content/lists/alvania-denials.yaml")
	add(listfile.YAML, assessment.Sanctions, "../../content/lists/comity-demo-un.yaml")
	add(listfile.UN, assessment.Sanctions, glob("un", "consolidated_2026-02-27.xml")...)
	add(listfile.EU, assessment.Sanctions, glob("eu", "consolidated", "*.csv")...)
	add(listfile.USConsolidated, assessment.Sanctions, glob("us", "consolidated-screening-list_*.json")...)
	x, err := screening.Build(entities, screening.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d entities of %d lists", len(entities), len(info))
	e := engines(t)
	e.Screener = assessment.WithScreening(x, info, nil)
	return e
}

// Against the full real lists the made-up cases come out as they do alone: what
// looks like one of their parties there is faint, or was resolved in the file.
func TestExamplesAgainstRealLists(t *testing.T) {
	alone := engines(t)
	e := realEngines(t)
	for _, name := range names(t) {
		want, report := standings(assessment.Assess(example(t, name), alone)), assessment.Assess(example(t, name), e)
		for line, o := range standings(report) {
			if o.Standing != want[line].Standing {
				t.Errorf("%s line %s: %s, alone it is %s", name, line, o.Standing, want[line].Standing)
			}
		}
		for _, p := range report.Parties {
			for _, h := range p.Hits {
				if h.Outcome == "" && !h.Faint {
					t.Logf("%s: %s is like %s %s %q (%s)", name, h.Asked, h.List, h.Entry, h.Shown, h.Band)
				}
			}
		}
	}
}

// The hits that the files resolve are found by the engine itself, across
// scripts. Those that are the same party leave the question open until a person
// answers; another party may be found and be faint.
func TestExamplesHitsAreFound(t *testing.T) {
	e := engines(t)
	for _, name := range names(t) {
		in := example(t, name)
		told := in.Hits
		in.Hits = nil
		r := assessment.Assess(in, e)
		for _, h := range told {
			found := false
			for _, p := range r.Parties {
				for _, g := range p.Hits {
					found = found || p.Party == h.Party && g.Entry == h.Entry && g.List == h.List && g.Kind == h.Kind && (!g.Faint || h.Outcome == assessment.Different)
				}
			}
			if !found {
				t.Errorf("%s: %s is not found for %s", name, h.Entry, h.Party)
			}
		}
	}
}
