package controls

import (
	"os"
	"testing"
)

func TestBlind(t *testing.T) {
	in := os.Getenv("CONTROLS_BLIND")
	if in == "" {
		return
	}
	c, err := NewClassifier(Options{Content: load(t), Lists: []*List{readList(t, "control-list-eu-dual-use-2025-11-15.jsonl")}})
	if err != nil {
		t.Fatal(err)
	}
	r, _ := os.Open(in)
	w, _ := os.Create(in[:len(in)-5] + "out")
	if _, err := c.Batch(r, w); err != nil {
		t.Fatal(err)
	}
	w.Close()
}
