package controls

import (
	"bufio"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/comity-project/comity/repotest"
)

func load(t testing.TB) *Content {
	t.Helper()
	c, err := LoadContent(os.DirFS("../content"))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestContentCompiles(t *testing.T) {
	c := load(t)
	if _, err := NewClassifier(Options{Content: c}); err != nil {
		t.Fatal(err)
	}
	if len(c.Summaries) < 150 {
		t.Errorf("%d entries in our own words, want at least 150", len(c.Summaries))
	}
	if c.Hash() == "" || c.Version == "" {
		t.Error("content without hash or version")
	}
}

// Every code of the taxonomy and of a product family must lead to an entry in
// our own words or at least be a code, so that a page can always say something.
func TestEveryRelevantCodeHasOurOwnWords(t *testing.T) {
	c := load(t)
	f, err := os.Open(repotest.Data(t, "controls", "hr-relevant-controls.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, MaxLine)
	n := 0
	for sc.Scan() {
		var row struct{ Regime, Code string }
		if err := json.Unmarshal(sc.Bytes(), &row); err != nil {
			t.Fatal(err)
		}
		n++
		if _, ok := c.Summary(row.Regime, row.Code); !ok {
			t.Errorf("%s %s has no entry in our own words", row.Regime, row.Code)
		}
	}
	if n != 95 {
		t.Errorf("%d relevant codes, want 95", n)
	}
}

// The codes that content speaks of must exist in the lists they are said to be in.
func TestContentNamesRealCodes(t *testing.T) {
	c := load(t)
	lists := map[string]*List{"EU": readList(t, "control-list-eu-dual-use-2025-11-15.jsonl"), "US": readList(t, "control-list-us-ccl.jsonl"), "DE": readList(t, "control-list-de-national-2021.jsonl")}
	real := func(regime, code string) bool {
		if l := lists[regime]; l == nil || strings.HasPrefix(code, "TORT-") || strings.HasPrefix(code, "ML") || code == "EAR99" {
			return true
		}
		_, ok := lists[regime].Find(code)
		return ok
	}
	for _, s := range c.Summaries {
		if !real(s.List, s.Code) {
			t.Errorf("entry %s %s: no such code", s.List, s.Code)
		}
	}
	check := func(where, regime string, codes []string) {
		for _, code := range codes {
			if !real(regime, code) {
				t.Errorf("%s: %s %s: no such code", where, regime, code)
			}
		}
	}
	for _, k := range c.Kinds {
		check("kind "+k.ID, "EU", k.EU)
		check("kind "+k.ID, "US", k.US)
		check("kind "+k.ID, "DE", k.DE)
		for _, r := range k.Rules {
			check("kind "+k.ID, "EU", r.EU)
			check("kind "+k.ID, "US", r.US)
		}
	}
}

// Our own words must be our own: no summary may repeat a run of words of the lists.
func TestOwnWordsAreNotCopied(t *testing.T) {
	c := load(t)
	const run = 9
	seen := map[string]string{}
	for _, name := range []string{"control-list-eu-dual-use-2025-11-15.jsonl", "control-list-us-ccl.jsonl"} {
		for _, e := range readList(t, name).Entries {
			w := plainWords(e.Text)
			for i := 0; i+run <= len(w); i++ {
				seen[strings.Join(w[i:i+run], " ")] = e.Code
			}
		}
	}
	for _, s := range c.Summaries {
		w := plainWords(s.Summary)
		for i := 0; i+run <= len(w); i++ {
			if code, ok := seen[strings.Join(w[i:i+run], " ")]; ok {
				t.Errorf("entry %s %s repeats nine words of %s: %q", s.List, s.Code, code, strings.Join(w[i:i+run], " "))
				break
			}
		}
	}
}

// What our own words say of a control must not come out as not listed.
func TestOwnWordsAreNotReleased(t *testing.T) {
	c := own(t)
	for _, s := range load(t).Summaries {
		if s.List != "EU" && s.List != "TORT" {
			continue
		}
		if res := c.Classify(Item{Description: s.Summary}); res.Status == NotListed {
			t.Errorf("%s released: %v", s.Code, res.Reasons[1:2])
		}
	}
}
