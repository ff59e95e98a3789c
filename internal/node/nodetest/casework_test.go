package nodetest_test

import (
	"testing"

	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
)

// Each worked case can be carried to a complete assessment by commands alone.
func TestWorkedCasesCanBeCompleted(t *testing.T) {
	for _, number := range []string{"01", "02", "12"} {
		t.Run(number, func(t *testing.T) {
			app := nodetest.Open(t, store.SQLite, nodetest.NewClock())
			h := nodetest.Staff(t, app)
			in := nodetest.Example(t, number)
			id := h.Submit(h.Application(in))
			h.Settle(id, in)
			h.Complete(id, in)
			if ok, items := h.File(h.Officer, id).Assessment.Complete(h.File(h.Officer, id).Case.Basis); !ok {
				t.Fatal(items)
			}
		})
	}
}
