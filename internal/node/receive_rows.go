package node

import (
	"slices"
	"strings"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/ledger"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/vault"
)

// waitingKeys are the rows of keys, and those made that are not written yet.
type waitingKeys struct {
	*store.Tx
	made []store.SealKey
}

// PutSealKey implements vault.KeyRows.
func (w *waitingKeys) PutSealKey(owner event.Stream, epoch string, wrapped []byte) error {
	w.made = append(w.made, store.SealKey{Owner: owner, Epoch: epoch, Wrapped: wrapped})
	return nil
}

// write writes what waits. What reads envelopes of this batch has it called before.
func (r *receiving) write() error {
	// Owners are random: in order, neighbours go into one page of the index.
	slices.SortFunc(r.keys.made, func(a, b store.SealKey) int { return strings.Compare(string(a.Owner), string(b.Owner)) })
	if err := r.PutNewSealKeys(r.keys.made); err != nil {
		return fault.Wrap(err, "node: keys of envelopes")
	}
	if err := r.PutEnvelopes(r.waiting); err != nil {
		return fault.Wrap(err, "node: keep envelopes")
	}
	r.keys.made, r.waiting = r.keys.made[:0], r.waiting[:0]
	return nil
}

// sealerOver seals for this command with keys of its own keeping.
func (t *Tx) sealerOver(rows vault.KeyRows) ledger.Sealer { return vault.NewSealer(t.app.keys, rows) }
