package node

import (
	"context"
	"fmt"

	"github.com/comity-project/comity/internal/ledger"
	"github.com/comity-project/comity/internal/store"
)

// checkpointBatch bounds the leaves added in one transaction, so that commands
// do not wait behind a tree that has fallen far behind.
const checkpointBatch = 20000

// Checkpoint brings the tree up to the ledger's end and signs its root. It
// returns the size signed; nothing new signs nothing.
func (a *App) Checkpoint(ctx context.Context) (size int64, err error) {
	for {
		more := false
		err = a.db.Update(ctx, func(t *store.Tx) error {
			last, err := t.LastCheckpoint()
			if err != nil {
				return err
			}
			size = last.Size
			chain, err := t.ChainHashes(last.Size, checkpointBatch)
			if err != nil || len(chain) == 0 {
				return err
			}
			n, root, err := ledger.Advance(t, last.Size, chain)
			if err != nil {
				return err
			}
			signed, err := ledger.Checkpoint{Origin: a.signer.Name(), Size: n, Root: root}.Sign(a.signer)
			if err != nil {
				return fmt.Errorf("node: sign the checkpoint of size %d: %w", n, err)
			}
			size, more = n, len(chain) == checkpointBatch
			return t.PutCheckpoint(store.Checkpoint{Size: n, Root: root, Note: signed})
		})
		if err != nil || !more {
			return size, err
		}
	}
}

// Prove makes the proof that entry seq is in the ledger, under the last
// checkpoint; disclose says whether the event's kept part goes into it.
func (a *App) Prove(ctx context.Context, seq int64, disclose bool) (p ledger.Proof, err error) {
	err = a.db.View(ctx, func(t *store.Tx) error {
		last, err := t.LastCheckpoint()
		if err != nil {
			return err
		}
		e, prev, found, err := t.Entry(seq)
		if err != nil {
			return err
		}
		if !found {
			return fmt.Errorf("node: the ledger has no entry %d", seq)
		}
		p, err = ledger.Prove(t, e, prev, last.Size, last.Note, disclose)
		return err
	})
	return p, err
}
