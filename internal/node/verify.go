package node

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/ledger"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/vault"
)

// Verified says what a verification went through.
type Verified struct {
	Entries     int64       `json:"entries"`
	Checkpoints int         `json:"checkpoints"`
	Streams     int         `json:"streams"` // refolded and compared; 0 without refold
	Head        ledger.Hash `json:"-"`
}

// Progress is told how far a long work has come; total may be 0 when unknown.
type Progress func(done, total int64)

// Verify checks the ledger from its first entry: numbers, time, chain,
// commitments, tree and signed checkpoints. With refold it also folds every
// stream again and compares states and rows with what is stored. The ledger must
// also continue the checkpoints that come from elsewhere, as others witnessed
// them.
func (a *App) Verify(ctx context.Context, refold bool, progress Progress, against ...ledger.Checkpoint) (Verified, error) {
	var out Verified
	err := a.db.View(ctx, func(t *store.Tx) error {
		head, err := t.Head()
		if err != nil {
			return err
		}
		checkpoints, err := t.Checkpoints()
		if err != nil {
			return err
		}
		total := head.Seq
		if refold {
			total *= 2
		}
		gone := erasures{}
		v := ledger.NewVerifier(vault.NewSealer(a.keys, t), gone)
		next := 0
		against := slices.SortedFunc(slices.Values(against), func(a, b ledger.Checkpoint) int { return cmp.Compare(a.Size, b.Size) })
		for batch, err := range t.EntryBatches(0) {
			if err != nil {
				return err
			}
			if err := t.FetchKeys(ownersOf(batch)); err != nil {
				return err
			}
			for i := range batch {
				e := &batch[i]
				if e.Type == (Erased{}).EventType() {
					if err := gone.note(*e); err != nil {
						return err
					}
				}
				if err := v.Next(e); err != nil {
					return err
				}
				if next < len(checkpoints) && checkpoints[next].Size == v.Size() {
					c, err := ledger.OpenCheckpoint(checkpoints[next].Note, a.verifier)
					if err != nil {
						return err
					}
					if err := v.CheckAt(c); err != nil {
						return err
					}
					next++
				}
				for len(against) > 0 && against[0].Size == v.Size() {
					if err := v.CheckAt(against[0]); err != nil {
						return err
					}
					against = against[1:]
				}
			}
			if progress != nil {
				progress(v.Size(), total)
			}
		}
		if err := v.Finish(); err != nil {
			return err
		}
		if v.Size() != head.Seq || v.Head() != head.Hash {
			return &ledger.Damage{Seq: v.Size(), What: fmt.Sprintf("the ledger's head says that there are %d entries and another last hash", head.Seq)}
		}
		if len(against) > 0 {
			return &ledger.Damage{Seq: v.Size(), What: fmt.Sprintf("others hold a checkpoint of size %d, but fewer entries are left", against[0].Size)}
		}
		if next != len(checkpoints) {
			return &ledger.Damage{Seq: v.Size(), What: fmt.Sprintf("a checkpoint of size %d was signed, but fewer entries are left", checkpoints[next].Size)}
		}
		if size := lastSize(checkpoints); size > 0 {
			root, err := ledger.Root(t, size)
			if err != nil {
				return err
			}
			if root != checkpoints[len(checkpoints)-1].Root {
				return &ledger.Damage{Seq: size, What: "the stored tree does not have the root of its last checkpoint"}
			}
		}
		if err := a.verifyLog(t); err != nil {
			return err
		}
		out = Verified{Entries: v.Size(), Checkpoints: len(checkpoints), Head: v.Head()}
		if refold {
			out.Streams, err = a.compare(t, head.Seq, func(done int64) {
				if progress != nil {
					progress(v.Size()+done, total)
				}
			})
		}
		return err
	})
	return out, err
}

func lastSize(cs []store.Checkpoint) int64 {
	if len(cs) == 0 {
		return 0
	}
	return cs[len(cs)-1].Size
}

// erasures are those that the ledger itself tells of, met while reading it.
type erasures store.Erasures

func (m erasures) note(e ledger.Entry) error {
	var x Erased
	if err := json.Unmarshal(e.Kept, &x); err != nil {
		return fmt.Errorf("node: erasure at %d: %w", e.Seq, err)
	}
	m[x.What] = event.Erasure{Rule: x.Rule}
	return nil
}

// Erased implements ledger.Erasures.
func (m erasures) Erased(owner event.Stream) (event.Erasure, bool) {
	e, ok := m[owner]
	return e, ok
}
