package volume_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/comity-project/comity/internal/demo/volume"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
)

// BenchmarkVerifyCases checks a ledger of whole cases, with and without
// refolding them. Their events are larger than those of accounts, which
// BenchmarkVerify of the node checks. Of events a second of processor time other
// work on the machine takes less away.
func BenchmarkVerifyCases(b *testing.B) {
	app := nodetest.Open(b, store.SQLite, nil)
	if _, err := volume.Make(context.Background(), app, volume.Options{Cases: 3000, Seed: 1}); err != nil {
		b.Fatal(err)
	}
	for _, refold := range []bool{false, true} {
		b.Run(fmt.Sprintf("refold=%v", refold), func(b *testing.B) {
			var events int64
			used := nodetest.ProcessorTime(b)
			for range b.N {
				v, err := app.Verify(context.Background(), refold, nil)
				if err != nil {
					b.Fatal(err)
				}
				events += v.Entries
			}
			used = nodetest.ProcessorTime(b) - used
			b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
			b.ReportMetric(float64(events)/used.Seconds(), "events/core-s")
		})
	}
}
