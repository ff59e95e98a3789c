package assessment_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/policy"
)

var record = flag.Bool("record", false, "record golden decisions that are not there yet")

// decision is what a decision keeps of its rules: facts in, findings and outcome
// out, and the hash of the pack that stood between them.
type decision struct {
	Pack     string           `json:"pack"`
	On       policy.Date      `json:"on"`
	Facts    policy.Facts     `json:"facts"`
	Findings []policy.Finding `json:"findings"`
	Outcome  policy.Outcome   `json:"outcome"`
}

// TestGoldenDecisions replays recorded decisions under the pack they were made
// with: the same bytes, in every later version of the program. A recorded file
// is never changed; a change that breaks one breaks the replay of real cases.
func TestGoldenDecisions(t *testing.T) {
	if *record {
		recordGolden(t)
	}
	packs := map[string]*policy.Pack{}
	files, err := filepath.Glob("testdata/golden/pack-*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no recorded pack", err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		p, err := policy.Parse(b)
		if err != nil {
			t.Fatalf("%s no longer loads: %v", f, err)
		}
		if !strings.Contains(f, p.Hash()[:12]) {
			t.Errorf("%s now has the hash %s", f, p.Hash())
		}
		packs[p.Hash()] = p
	}
	cases, _ := filepath.Glob("testdata/golden/case-*.json")
	if len(cases) < 10 {
		t.Fatalf("%d recorded decisions", len(cases))
	}
	for _, f := range cases {
		t.Run(filepath.Base(f), func(t *testing.T) {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			var d decision
			if err := json.Unmarshal(b, &d); err != nil {
				t.Fatal(err)
			}
			p, ok := packs[d.Pack]
			if !ok {
				t.Fatalf("the pack %s was not recorded", d.Pack)
			}
			d.Findings = policy.Evaluate(p, d.On, d.Facts)
			d.Outcome = policy.Resolve(p, d.Findings, d.Facts)
			if again := marshal(t, d); !bytes.Equal(again, b) {
				t.Errorf("the replay differs:\n%s", again)
			}
		})
	}
}

func marshal(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return append(b, '\n')
}

func recordGolden(t *testing.T) {
	t.Helper()
	if err := os.MkdirAll("testdata/golden", 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(name string, b []byte) {
		path := filepath.Join("testdata", "golden", name)
		if _, err := os.Stat(path); err == nil {
			return
		}
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	e := engines(t)
	write("pack-"+e.Pack.Hash()[:12]+".json", e.Pack.Canonical())
	files, _ := filepath.Glob("../../examples/*.yaml")
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".yaml")
		in := example(t, name)
		for _, l := range assessment.Assess(in, e).Lines {
			write("case-"+name[:2]+"-"+l.Line+".json", marshal(t, decision{e.Pack.Hash(), in.Day, l.Facts, l.Findings, l.Outcome}))
		}
	}
}
