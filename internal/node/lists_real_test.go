package node_test

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/lists"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/repotest"
	"github.com/comity-project/comity/screening"
)

// realFiles are the files of each list, as patterns under the reference data.
var realFiles = []struct {
	list, published string
	files           []string
	entries, aside  int
}{
	{"un-sc", "", []string{"lists/un/consolidated_2025-11-18.xml"}, 1000, 0},
	{"us-csl", "2026-07-31", []string{"lists/us/consolidated-screening-list_2026-07-31.json"}, 0, 0},
	{"ofac-sdn", "2025-12-24", []string{"lists/us/sdn_2024-05-03.csv", "lists/us/alt_2025-12-24.csv", "lists/us/add_2025-12-24.csv", "lists/us/sdn_comments_2025-12-24.csv"}, 0, 7353},
	{"eu-annexes", "2026-10-01", []string{"lists/eu/consolidated/*.csv", "lists/eu/amendments/*.csv"}, 0, 0},
	{"us-entity-list", "", []string{"destinations/us-entity-list.jsonl"}, 0, 0},
	{"eu-annex-i", "", []string{"controls/control-list-eu-dual-use-2025-11-15.jsonl"}, 0, 0},
	{"us-ccl", "", []string{"controls/control-list-us-ccl-2026-07-23.jsonl"}, 0, 0},
	{"country-indicators", "2025-12-31", []string{"destinations/indicators.csv"}, 0, 0},
	{"us-country-chart", "", []string{"destinations/us-country-chart.csv"}, 0, 0},
	{"us-country-groups", "", []string{"destinations/us-country-groups.csv"}, 0, 0},
}

func readReal(t testing.TB, data string, patterns ...string) (out []node.ListFile) {
	t.Helper()
	for _, p := range patterns {
		names, err := filepath.Glob(filepath.Join(data, p))
		if err != nil || len(names) == 0 {
			t.Fatalf("%s: no such file, %v", p, err)
		}
		slices.Sort(names)
		for _, n := range names {
			b, err := os.ReadFile(n)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, node.ListFile{Name: filepath.Base(n), Bytes: b})
		}
	}
	return out
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc >> 20
}

// TestRealListsEndToEnd imports every real file, activates it, and asks the
// engines that come of it.
func TestRealListsEndToEnd(t *testing.T) {
	data := repotest.Data(t)
	clock := nodetest.NewClock()
	cfg := nodetest.Config(t, store.SQLite, clock)
	app := nodetest.OpenAt(t, cfg)
	do := func(cmd, into any) {
		t.Helper()
		if err := app.Do(ctx, access.System(), cmd, node.Into(into)); err != nil {
			t.Fatal(err)
		}
	}
	before := heap()
	for _, f := range realFiles {
		start := time.Now()
		var in node.ImportedList
		do(node.ImportList{List: f.list, Published: f.published, Files: readReal(t, data, f.files...), Activate: true, Reason: "test"}, &in)
		if in.Status == lists.Waiting && len(in.Doubts) > 0 { // a person looks at the doubts first
			do(lists.ActivateVersion{List: f.list, ID: in.Version, Reason: "looked at"}, nil)
			in.Status = lists.Active
			t.Logf("%+v", in.Doubts[0])
		}
		t.Logf("%-20s %6d entries, %5d aside, %3d doubts, of %s: %v", f.list, in.Figures.Entries, in.Figures.Aside, len(in.Doubts), in.Published, time.Since(start).Round(time.Millisecond))
		if in.Status != lists.Active || f.entries > 0 && in.Figures.Entries != f.entries || f.aside > 0 && in.Figures.Aside < f.aside {
			t.Errorf("%+v", in)
		}
	}
	start := time.Now()
	if err := app.ReloadEngines(ctx); err != nil {
		t.Fatal(err)
	}
	e, err := app.Engines(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("engines of all lists: %v, %+v, %d MB more than before", time.Since(start).Round(time.Millisecond), e.Index.Stats(), heap()-before)
	if len(e.NotSearched) != 0 {
		t.Errorf("not searched: %v", e.NotSearched)
	}

	// The second version of the United Nations list brings a real difference.
	var in node.ImportedList
	do(node.ImportList{List: "un-sc", Files: readReal(t, data, "lists/un/consolidated_2026-02-27.xml"), Activate: true}, &in)
	if in.Figures.Added != 4 || in.Figures.Removed != 1 || in.Figures.Changed != 2 || in.Status != lists.Active {
		t.Errorf("%+v", in)
	}
	d, err := app.ListVersion(ctx, access.System(), "un-sc", in.Version)
	if err != nil || len(d.Report.Delta.Added) != 4 || d.Names[d.Report.Delta.Added[0]] == "" {
		t.Errorf("%+v, %v", d.Report.Delta, err)
	}
	start = time.Now()
	if err := app.ReloadEngines(ctx); err != nil {
		t.Fatal(err)
	}
	t.Logf("engines after a change of one list: %v", time.Since(start).Round(time.Millisecond))
	if e, err = app.Engines(ctx); err != nil {
		t.Fatal(err)
	}
	s := e.ScreenFor(screening.Query{Name: "Усама бен Ладен"}, 5, true, nil)
	if len(s.Hits) == 0 || !strings.Contains(strings.ToLower(s.Hits[0].Shown), "laden") {
		t.Errorf("%+v", s.Hits)
	}
	if x := e.Destinations["XK"]; len(x.Indicators) == 0 {
		t.Error("Kosovo has no indicators")
	}
	if f := e.Destinations["CN"].Facts["dest.crime_control_marked"]; !f.Value.True() {
		t.Errorf("the chart is not read: %+v", f)
	}
	if f := e.Destinations["KP"].Facts["dest.crime_control_marked"]; f.Value.Known() {
		t.Errorf("a destination without marks is answered: %+v", f)
	}
	c := e.Assess().Classifier.Classify(assessment.Item{Description: "IMSI catcher for interception of mobile telephones"})
	if len(c.Lists) != 2 || len(c.Candidates) == 0 || c.Candidates[0].Code[:5] != "5A001" {
		t.Errorf("%+v", c)
	}

	// Another start reads the compiled index.
	again := cfg
	start = time.Now()
	second, err := node.Open(context.Background(), again)
	if err != nil {
		t.Fatal(err)
	}
	opened := time.Since(start)
	x, err := second.Engines(ctx)
	if err != nil || x.Index.Hash() != e.Index.Hash() {
		t.Errorf("another index: %v", err)
	}
	t.Logf("open %v, engines ready after %v", opened.Round(time.Millisecond), time.Since(start).Round(time.Millisecond))

	// It notices when the first one takes up another version.
	state, err := app.List(ctx, access.System(), "un-sc")
	if err != nil {
		t.Fatal(err)
	}
	do(lists.ActivateVersion{List: "un-sc", ID: state.Versions[0].ID, Reason: "test of going back"}, nil)
	if err := second.ReloadEngines(ctx); err != nil {
		t.Fatal(err)
	}
	if y, _ := second.Engines(ctx); y.Index.Hash() == x.Index.Hash() {
		t.Error("the other process still searches the old version")
	}
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
}
