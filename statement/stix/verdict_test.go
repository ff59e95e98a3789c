package stix

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/comity-project/comity/repotest"
)

// fieldFiles are the bundles that the field publishes, and those of them that
// OASIS's validator refuses: their patterns name a property "id", which is too
// short for one.
func fieldFiles(t testing.TB) map[string]bool {
	t.Helper()
	refused := []string{"cytrox", "novispy", "rcs", "wyrmspy_dragonegg", "residentbat", "cellebrite", "predator"}
	valid := map[string]bool{}
	for _, pattern := range [][]string{
		{"stix", "amnesty", "*", "*.stix2"},
		{"stix", "mvt-indicators", "*", "*.stix2"},
		{"stix", "stix-doc-examples", "examples", "example_json", "*.json"},
	} {
		names, err := filepath.Glob(repotest.Data(t, pattern...))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			valid[name] = true
			for _, r := range refused {
				if strings.HasPrefix(filepath.Base(name), r+".") {
					valid[name] = false
				}
			}
		}
	}
	return valid
}

func read(t testing.TB, name string) *Document {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	d, err := Read(b, Limits{})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if !bytes.Equal(d.Export(), b) {
		t.Errorf("%s: what goes out is not what came in", name)
	}
	return d
}

func errorsOf(d *Document) (all []Finding) {
	add := func(fs []Finding) {
		for _, f := range fs {
			if !f.Warning {
				all = append(all, f)
			}
		}
	}
	add(CheckBundle(d))
	for i := range d.Objects {
		add(Check(&d.Objects[i]))
	}
	return all
}

// The verdicts of OASIS's validator on the 27 files it was run on: 20 valid, 7
// invalid.
func TestVerdictsOnTheFieldsFiles(t *testing.T) {
	files := fieldFiles(t)
	good, bad := 0, 0
	for name, want := range files {
		found := errorsOf(read(t, name))
		if got := len(found) == 0; got != want {
			t.Errorf("%s: valid %v, want %v: %v", filepath.Base(name), got, want, found[:min(3, len(found))])
		} else if got {
			good++
		} else {
			bad++
		}
		for _, f := range found {
			if f.Code != "pattern" || f.Path != "pattern" || f.Advice == "" || !strings.HasPrefix(f.Object, "indicator--") {
				t.Errorf("%s: %+v", filepath.Base(name), f)
			}
		}
	}
	if good != 20 || bad != 7 {
		t.Errorf("%d valid and %d invalid, want 20 and 7", good, bad)
	}
}

// The validator's own test files, whose names say what they are.
func TestVerdictsOnTheValidatorsFiles(t *testing.T) {
	names, err := filepath.Glob(repotest.Data(t, "stix", "stix-validator-tests", "stix2validator", "test", "v21", "test_examples", "*.json"))
	if err != nil || len(names) != 10 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		d, err := Read(b, Limits{})
		valid := err == nil && len(errorsOf(d)) == 0
		if want := !strings.HasPrefix(filepath.Base(name), "invalid_"); valid != want {
			t.Errorf("%s: valid %v, want %v (%v)", filepath.Base(name), valid, want, err)
			if err == nil {
				t.Log(errorsOf(d))
			}
		}
	}
}

// The examples beside OASIS's schemas are valid too.
func TestVerdictsOnTheSchemasExamples(t *testing.T) {
	names, err := filepath.Glob(repotest.Data(t, "stix", "stix2-json-schemas", "examples", "*.json"))
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		if found := errorsOf(read(t, name)); len(found) > 0 {
			t.Errorf("%s: %v", filepath.Base(name), found[0])
		}
	}
}

// Reading and checking the field's objects, on as many processors as there are.
// OASIS's validator did 720 objects a second; 20,000 are wanted.
func BenchmarkValidate(b *testing.B) {
	var sources [][]byte
	size, objects := 0, 0
	for name := range fieldFiles(b) {
		raw, err := os.ReadFile(name)
		if err != nil {
			b.Fatal(err)
		}
		d, err := Read(raw, Limits{})
		if err != nil {
			b.Fatal(err)
		}
		sources = append(sources, raw)
		size += len(raw)
		objects += len(d.Objects)
	}
	b.SetBytes(int64(size))
	b.ResetTimer()
	for range b.N {
		for _, raw := range sources {
			d, err := Read(raw, Limits{})
			if err != nil {
				b.Fatal(err)
			}
			var wg sync.WaitGroup
			workers := runtime.GOMAXPROCS(0)
			for w := range workers {
				wg.Go(func() {
					for i := w; i < len(d.Objects); i += workers {
						Check(&d.Objects[i])
					}
				})
			}
			wg.Wait()
		}
	}
	b.ReportMetric(float64(objects*b.N)/b.Elapsed().Seconds(), "objects/s")
}
