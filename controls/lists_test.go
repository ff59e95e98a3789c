package controls

import (
	"testing"
)

// The text of a control, given as a description, must never come out as not
// listed: whatever else the engine does not know, it must not release what the
// list itself says. It should also lead back to its entry.
func TestNoControlTextIsReleased(t *testing.T) {
	l := readList(t, "control-list-eu-dual-use-2025-11-15.jsonl")
	c, err := NewClassifier(Options{Content: load(t), Lists: []*List{l}})
	if err != nil {
		t.Fatal(err)
	}
	n, released, first := 0, 0, 0
	for _, e := range l.Entries {
		if e.Reserved || !isEntry(e.Code) || len(e.Text) < 60 {
			continue
		}
		n++
		res := c.Classify(Item{Description: e.Text})
		if res.Status == NotListed {
			released++
			t.Logf("%s released by %v: %s", e.Code, res.Reasons[1:2], cutText(e.Text, 120))
		}
		for i, cand := range res.Candidates {
			if i < 5 && cand.Head == Head(e.Code) {
				first++
				break
			}
		}
	}
	t.Logf("%d texts, %d released, %.1f %% lead back to their entry among five", n, released, 100*float64(first)/float64(n))
	if released > 0 {
		t.Errorf("%d of %d texts of the list were called not listed", released, n)
	}
}
