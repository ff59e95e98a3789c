package staff_test

import (
	"encoding/json"
	"testing"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
)

// TestEveryTypeHasWords: whatever can be in the ledger is said in plain words.
func TestEveryTypeHasWords(t *testing.T) {
	app := nodetest.Open(t, store.SQLite, nil)
	cat := catalogue(t)
	for _, typ := range app.Registry().Types() {
		if !cat.Has("staff.event." + typ) {
			t.Errorf("no sentence for %s", typ)
		}
		p, err := app.Registry().New(typ)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := json.Marshal(event.Value(p)); err != nil {
			t.Errorf("%s: %v", typ, err)
		}
	}
	for _, kind := range node.StreamKinds() {
		if !cat.Has("staff.kind." + kind) {
			t.Errorf("a stream of the kind %q has no word", kind)
		}
	}
}
