package controls

import (
	"bufio"
	"encoding/json"
	"os"
	"testing"

	"github.com/comity-project/comity/repotest"
)

// BenchmarkClassify measures classifications a second on one core, with the
// whole list of the EU loaded.
func BenchmarkClassify(b *testing.B) {
	c, err := NewClassifier(Options{Content: load(b), Lists: []*List{readList(b, "control-list-eu-dual-use-2025-11-15.jsonl")}})
	if err != nil {
		b.Fatal(err)
	}
	f, err := os.Open(repotest.Data(b, "controls", "classification-dev.jsonl"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	var items []Item
	for sc := bufio.NewScanner(f); sc.Scan(); {
		var q struct{ Description, Product string }
		if err := json.Unmarshal(sc.Bytes(), &q); err != nil {
			b.Fatal(err)
		}
		items = append(items, Item{Name: q.Product, Description: q.Description})
	}
	b.ReportAllocs()
	b.ResetTimer()
	for i := 0; i < b.N; i++ {
		c.Classify(items[i%len(items)])
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "items/s")
}
