package controls

import (
	"bufio"
	"encoding/json"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/comity-project/comity/repotest"
)

func readList(t testing.TB, name string) *List {
	t.Helper()
	f, err := os.Open(repotest.Data(t, "controls", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	l, err := ParseJSONL(f)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return l
}

// headsOf lists the entries of a result, best first.
func headsOf(res Result) []string {
	var out []string
	for _, c := range res.Candidates {
		out = appendNew(out, c.Head)
	}
	return out
}

// The development set keeps the floors; the figures are logged.
func TestDevelopmentSet(t *testing.T) {
	c, err := NewClassifier(Options{Content: load(t), Lists: []*List{readList(t, "control-list-eu-dual-use-2025-11-15.jsonl")}})
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(repotest.Data(t, "controls", "classification-dev.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var listed, first, five, released, free, cleared, labelled, open, flag, flagged, quiet, alarms float64
	for sc := bufio.NewScanner(f); sc.Scan(); {
		var q struct {
			Description, Product, Provenance string
			Status                           struct{ EU string }
			Entry                            struct{ EU []string }
			Art5                             string `json:"art5_candidate"`
		}
		if err := json.Unmarshal(sc.Bytes(), &q); err != nil {
			t.Fatal(err)
		}
		if q.Status.EU == "" {
			continue
		}
		res := c.Classify(Item{Name: q.Product, Description: q.Description})
		labelled++
		open += one(res.Status == NeedsExpert)
		got := headsOf(res)
		want := func(heads []string) bool {
			return slices.ContainsFunc(q.Entry.EU, func(code string) bool { return slices.Contains(heads, Head(code)) })
		}
		switch q.Status.EU {
		case "listed":
			if len(q.Entry.EU) == 0 {
				break
			}
			listed++
			first += one(want(got[:1]))
			five += one(want(got[:min(5, len(got))]))
			released += one(res.Status == NotListed)
		case "not_listed":
			free++
			cleared += one(res.Status == NotListed)
		default:
			released += one(res.Status == NotListed)
		}
		if q.Status.EU == "listed" {
			continue
		}
		switch {
		case q.Art5 == "yes" || q.Art5 == "maybe":
			flag++
			flagged += one(res.CatchAll.Answer != "no")
		case q.Art5 == "no" || q.Provenance == "real-product-benchmark":
			quiet++
			alarms += one(res.CatchAll.Answer != "no")
		}
	}
	share := func(a, b float64) float64 { return math.Round(1000*a/max(1, b)) / 10 }
	t.Logf("entry first %.1f, in five %.1f (of %.0f); released %.0f; cleared %.1f (of %.0f); for an expert %.1f; flagged %.1f (of %.0f); false alarms %.1f (of %.0f)",
		share(first, listed), share(five, listed), listed, released, share(cleared, free), free, share(open, labelled), share(flagged, flag), flag, share(alarms, quiet), quiet)
	for _, floor := range []struct {
		name string
		ok   bool
	}{
		{"entry in the first five", share(five, listed) >= 92},
		{"first", share(first, listed) >= 70},
		{"released", released == 0},
		{"cleared", share(cleared, free) >= 80},
		{"for an expert", share(open, labelled) <= 20},
		{"flagged", share(flagged, flag) >= 95},
		{"false alarms", share(alarms, quiet) <= 10},
	} {
		if !floor.ok {
			t.Errorf("below the floor: %s", floor.name)
		}
	}
}

func one(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// Our own descriptions, with the knowledge that ships and no list at all:
// nothing controlled may be released, and few answers may differ.
func TestOurOwnItems(t *testing.T) {
	c := own(t)
	f, err := os.Open("testdata/items.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	n, wrong := 0, 0
	for sc := bufio.NewScanner(f); sc.Scan(); {
		if strings.HasPrefix(sc.Text(), "#") {
			continue
		}
		part := strings.SplitN(sc.Text(), "|", 4)
		if len(part) != 4 {
			t.Fatalf("not four columns: %q", sc.Text())
		}
		n++
		res := c.Classify(Item{Description: part[3]})
		any := func(allowed, got string) bool {
			return allowed == "*" || allowed == "-" || slices.Contains(strings.Split(allowed, ","), got)
		}
		heads := headsOf(res)
		entry := part[1] == "" || slices.ContainsFunc(strings.Split(part[1], ","), func(h string) bool { return slices.Contains(heads[:min(5, len(heads))], h) })
		if !any(part[0], string(res.Status)) || !any(part[2], res.CatchAll.Answer) || !entry {
			wrong++
			t.Logf("%s: %s %v, catch-all %s", part[3], res.Status, heads[:min(3, len(heads))], res.CatchAll.Answer)
		}
		if res.Status == NotListed && part[0] != "*" && !any(part[0], string(NotListed)) {
			t.Errorf("%s: released: %v", part[3], res.Reasons)
		}
	}
	if 100*wrong > 5*n {
		t.Errorf("%d of %d answers differ from what was expected", wrong, n)
	}
}

// The United States list: the curated cases must find their entry among the first
// five. A heading counts as the entry where the label names a paragraph of it.
func TestDevelopmentSetUnitedStates(t *testing.T) {
	c, err := NewClassifier(Options{Content: load(t), Lists: []*List{readList(t, "control-list-us-ccl-2026-07-23.jsonl")}, Primary: "US"})
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(repotest.Data(t, "controls", "classification-dev.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var n, first, five float64
	for sc := bufio.NewScanner(f); sc.Scan(); {
		var q struct {
			Description, Product, Provenance string
			Entry                            struct{ US []string }
		}
		if err := json.Unmarshal(sc.Bytes(), &q); err != nil {
			t.Fatal(err)
		}
		if q.Provenance != "curated" || len(q.Entry.US) == 0 {
			continue
		}
		want := map[string]bool{}
		for _, code := range q.Entry.US {
			want[Head(code)] = true
		}
		n++
		for i, head := range headsOf(c.Classify(Item{Name: q.Product, Description: q.Description})) {
			if want[head] {
				first += one(i == 0)
				five += one(i < 5)
				break
			}
		}
	}
	t.Logf("US, curated: entry first %.1f, in five %.1f (of %.0f)", 100*first/n, 100*five/n, n)
	if n == 0 || five/n < 0.8 {
		t.Errorf("below the floor: %.0f of %.0f in the first five", five, n)
	}
}
