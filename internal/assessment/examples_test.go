package assessment_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/comity-project/comity/controls"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/policy"
	"github.com/comity-project/comity/screening"
	"github.com/comity-project/comity/screening/listfile"
)

func read(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(path)))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func basePack(t testing.TB) *policy.Pack {
	t.Helper()
	p, err := policy.Load(os.DirFS("../../content/policy/code-of-conduct"))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func destinations(t testing.TB) assessment.Destinations {
	t.Helper()
	d, err := assessment.ParseDestinations(read(t, "content/policy/demo-destinations.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// engines are the real ones over the content that ships.
func engines(t testing.TB) assessment.Engines {
	t.Helper()
	var entities []screening.Entity
	info := map[string]assessment.ListInfo{}
	for name, kind := range map[string]assessment.ListKind{"alvania-denials": assessment.Denials, "comity-demo-un": assessment.Sanctions} {
		r, err := listfile.Read(listfile.YAML, listfile.DefaultLimits, listfile.File{Name: name + ".yaml", Reader: bytes.NewReader(read(t, "content/lists/"+name+".yaml"))})
		if err != nil {
			t.Fatal(err)
		}
		info[r.Entities[0].List] = assessment.ListInfo{Kind: kind, Date: policy.Date(r.Published)}
		entities = append(entities, r.Entities...)
	}
	x, err := screening.Build(entities, screening.Options{})
	if err != nil {
		t.Fatal(err)
	}
	content, err := controls.LoadContent(os.DirFS("../../content"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := controls.NewClassifier(controls.Options{Content: content})
	if err != nil {
		t.Fatal(err)
	}
	return assessment.Engines{
		Pack: basePack(t), Classifier: assessment.WithControls(c), Screener: assessment.WithScreening(x, info, []string{"EU", "SDN", "UN"}),
		Destinations: destinations(t),
	}
}

func example(t testing.TB, name string) *assessment.Input {
	t.Helper()
	in, err := assessment.ParseInput(read(t, "examples/"+name+".yaml"))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return in
}

// TestExamples holds the ten cases to their outcomes, and to the rules that they
// rest on.
func TestExamples(t *testing.T) {
	e := engines(t)
	for _, c := range []struct {
		file, line string
		want       policy.Standing
		because    []string // rules that must be among the reasons
	}{
		{"01-imsi-catcher-interior-ministry", "1", policy.Refuse, []string{"COC-4a", "COC-R", "CP2-a"}},
		{"01-imsi-catcher-interior-ministry", "3", policy.Refuse, []string{"CP2-a"}},
		{"02-lawful-interception-mediation", "gateway", policy.Weighing, []string{"TX-enduser", "TX-law"}},
		{"02-lawful-interception-mediation", "analytics", policy.Refuse, []string{"COC-R"}},
		{"03-traffic-management-catch-all", "probes", policy.Refuse, []string{"CP2-a"}},
		{"03-traffic-management-catch-all", "billing", policy.Weighing, []string{"CP2-b"}},
		{"04-face-recognition-city-police", "airport", policy.Weighing, []string{"TX-law"}},
		{"04-face-recognition-city-police", "city", policy.Refuse, []string{"COC-R"}},
		{"05-phone-forensics-prosecutor", "stations", policy.Weighing, []string{"CP7"}},
		{"05-phone-forensics-prosecutor", "subscription", policy.Weighing, []string{"CP7"}},
		{"06-water-cannon-gendarmerie", "vehicles", policy.Undecided, []string{"COC-4a", "COC-R", "CP2-a"}},
		{"06-water-cannon-gendarmerie", "kit", policy.Refuse, []string{"TORT-III", "CP2-a"}},
		{"07-intrusion-software-reseller", "suite", policy.Refuse, []string{"COC-R", "CP2-a"}},
		{"07-intrusion-software-reseller", "disclosure", policy.Clear, nil},
		{"08-thermal-cameras-border-guard", "cores", policy.Weighing, []string{"TX-enduser"}},
		{"09-dna-sequencers", "bureau", policy.Refuse, []string{"COC-R", "CP2-a"}},
		{"09-dna-sequencers", "kits", policy.Refuse, []string{"CP2-a"}},
		{"09-dna-sequencers", "clinic", policy.Weighing, []string{"CP2-b"}},
		{"10-misuse-after-shipment", "gateway", policy.Refuse, []string{"COC-R", "CP2-a"}},
		{"10-misuse-after-shipment", "updates", policy.Refuse, []string{"CP2-a"}},
		{"11-private-intelligence-firm", "tracking", policy.Refuse, []string{"COC-4a"}},
		{"11-private-intelligence-firm", "research", policy.Weighing, []string{"UNGP-sev"}},
		{"12-encryption-for-newspaper", "1", policy.Clear, nil},
	} {
		t.Run(c.file+"/"+c.line, func(t *testing.T) {
			r := assessment.Assess(example(t, c.file), e)
			i := slices.IndexFunc(r.Lines, func(l assessment.LineReport) bool { return l.Line == c.line })
			if i < 0 {
				t.Fatal("no such line")
			}
			l := r.Lines[i]
			if l.Outcome.Standing != c.want {
				t.Errorf("standing %s, want %s: %+v", l.Outcome.Standing, c.want, l.Outcome)
				for _, p := range r.Parties {
					for _, h := range p.Hits {
						t.Logf("hit %s %s %s %q outcome=%q band=%s", p.Party, h.List, h.Entry, h.Shown, h.Outcome, h.Band)
					}
				}
				for _, q := range l.Questions {
					t.Logf("open %s %v", q.Fact, q.Rules)
				}
			}
			for _, id := range c.because {
				if !slices.Contains(l.Outcome.Because, id) && !slices.Contains(l.Outcome.Unknown, id) {
					t.Errorf("%s is not among the reasons %v", id, l.Outcome.Because)
				}
			}
		})
	}
}

func TestEveryExampleIsTested(t *testing.T) {
	files, err := filepath.Glob("../../examples/*.yaml")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d examples, %v", len(files), err)
	}
	src := string(read(t, "internal/assessment/examples_test.go"))
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".yaml")
		if !strings.Contains(src, `"`+name+`"`) {
			t.Errorf("%s has no expected outcome", name)
		}
	}
}

func TestReportIsDeterministic(t *testing.T) {
	e := engines(t)
	for _, name := range []string{"01-imsi-catcher-interior-ministry", "09-dna-sequencers"} {
		a, err := json.Marshal(assessment.Assess(example(t, name), e))
		if err != nil {
			t.Fatal(err)
		}
		b, _ := json.Marshal(assessment.Assess(example(t, name), e))
		if !bytes.Equal(a, b) {
			t.Errorf("%s: two reports of one case differ", name)
		}
	}
}
