package controls

import (
	"os"
	"path/filepath"
	"testing"
)

// shared is the folder of real data beside the repository, or "" where it is absent.
func shared(t testing.TB) string {
	t.Helper()
	dir, err := filepath.Abs("../../shared/data/controls")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the folder of real control lists is not beside the repository")
	}
	return dir
}

func readList(t testing.TB, name string) *List {
	t.Helper()
	f, err := os.Open(filepath.Join(shared(t), name))
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

func TestBatchOut(t *testing.T) {
	out := os.Getenv("CONTROLS_OUT")
	if out == "" {
		return
	}
	for _, run := range [][2]string{{"control-list-eu-dual-use-2025-11-15.jsonl", ".eu"}, {"control-list-us-ccl.jsonl", ".us"}} {
		c, err := NewClassifier(Options{Content: load(t), Lists: []*List{readList(t, run[0])}})
		if err != nil {
			t.Fatal(err)
		}
		in, err := os.Open(filepath.Join(shared(t), "classification-dev.jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		w, err := os.Create(out + run[1])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Batch(in, w); err != nil {
			t.Fatal(err)
		}
		w.Close()
		in.Close()
	}
}
