package nodetest

import (
	"context"
	"strings"
	"testing"

	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/policy"
)

// Decided keeps of a case what a decision keeps for replays, as if it had been
// decided now under a pack: lines that stand where no decision would have put
// them can't be had in any other way.
func Decided(t testing.TB, app *node.App, id string, p *policy.Pack, lines ...policy.Kept) {
	t.Helper()
	var body []byte
	for _, l := range lines {
		body = policy.AppendKept(body, l)
	}
	if err := app.Store().Update(context.Background(), func(tx *store.Tx) error {
		if err := tx.KeepNames("made", strings.Join(p.FactNames(), " ")); err != nil {
			return err
		}
		return tx.KeepFacts(store.DecidedFacts{Case: id, Decided: app.Now(), Day: string(policy.DateOf(app.Now())), Pack: p.Hash(), Names: "made", Lines: body})
	}); err != nil {
		t.Fatal(err)
	}
}
