package screening

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"github.com/comity-project/comity/repotest"
)

// TestAlertRate compares the stated share of ordinary names that score as high
// with the share observed on names the calibration has never seen.
func TestAlertRate(t *testing.T) {
	x := realIndex(t)
	b, err := os.ReadFile(repotest.Data(t, "screening", "dev.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for line := range bytes.Lines(b) {
		var q batchQuery
		if err := json.Unmarshal(line, &q); err != nil {
			t.Fatal(err)
		}
		if ordinaryNegative(q.Category) {
			names = append(names, q.Query.Name)
		}
	}
	for _, g := range x.Fairness(.01) {
		t.Logf("%-34s %4d background names, %.2f %% alert at 1 %%, above twice: %v", g.Group, g.Names, 100*g.Rate, g.Above)
	}
	rates := make([]float64, len(names))
	parallel(len(names), 0, func(i int) {
		rates[i] = 1
		if fs := x.strengths(Query{Name: names[i]}, SearchOptions{Fields: FieldsName, Limit: 1}); len(fs) > 0 {
			rates[i] = x.cal.rate(fs[0].score)
		}
	})
	for _, stated := range []float64{.005, .01, .02, .05} {
		n := 0
		for _, r := range rates {
			if r <= stated {
				n++
			}
		}
		observed := float64(n) / float64(len(names))
		t.Logf("stated %.1f %%, observed %.2f %% of %d ordinary names", 100*stated, 100*observed, len(names))
		if observed > 2*stated || observed < stated/2 {
			t.Errorf("stated %.1f %%, observed %.2f %%: more than a factor of two apart", 100*stated, 100*observed)
		}
	}
}
