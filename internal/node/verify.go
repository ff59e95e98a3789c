package node

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

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
// stream again and compares states and rows with what is stored.
func (a *App) Verify(ctx context.Context, refold bool, progress Progress) (Verified, error) {
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
		keys, err := a.openAll(t)
		if err != nil {
			return err
		}
		all, err := t.AllErased()
		if err != nil {
			return err
		}
		gone := erasures{}
		v := ledger.NewVerifier(keys, gone)
		var states map[event.Stream]*folding
		if refold {
			states = map[event.Stream]*folding{}
		}
		next := 0
		for e, err := range t.Entries(0) {
			if err != nil {
				return err
			}
			if e.Type == (Erased{}).EventType() {
				if err := gone.note(e); err != nil {
					return err
				}
			}
			if err := v.Next(&e); err != nil {
				return err
			}
			if refold {
				if err := a.foldInto(states, e, keys, all); err != nil {
					return &ledger.Damage{Seq: e.Seq, What: err.Error()}
				}
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
			if progress != nil && v.Size()%10000 == 0 {
				progress(v.Size(), head.Seq)
			}
		}
		if err := v.Finish(); err != nil {
			return err
		}
		if v.Size() != head.Seq || v.Head() != head.Hash {
			return &ledger.Damage{Seq: v.Size(), What: fmt.Sprintf("the ledger's head says that there are %d entries and another last hash", head.Seq)}
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
		if refold {
			if err := a.compare(t, states); err != nil {
				return err
			}
		}
		out = Verified{v.Size(), len(checkpoints), len(states), v.Head()}
		return nil
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

type folding struct {
	state   event.State
	version int64
}

func (a *App) foldInto(states map[event.Stream]*folding, e ledger.Entry, seal ledger.Sealer, gone ledger.Erasures) error {
	f, ok := states[e.Stream]
	if !ok {
		state, err := a.stateOf(e.Stream)
		if err != nil {
			return err
		}
		f = &folding{state: state}
		states[e.Stream] = f
	}
	r, err := ledger.Decode(e, a.registry, seal, gone)
	if err != nil {
		return err
	}
	f.version = e.Version
	return f.state.Apply(r)
}

// fold gives the state of one stream from its events.
func (a *App) fold(t *store.Tx, s event.Stream, seal ledger.Sealer) (event.State, int64, error) {
	state, err := a.stateOf(s)
	if err != nil {
		return nil, 0, err
	}
	entries, err := t.StreamEntries(s, 0)
	if err != nil {
		return nil, 0, err
	}
	for _, e := range entries {
		r, err := ledger.Decode(e, a.registry, seal, t)
		if err != nil {
			return nil, 0, err
		}
		if err := state.Apply(r); err != nil {
			return nil, 0, err
		}
	}
	return state, int64(len(entries)), nil
}

// compare holds refolded states against stored ones, and their rows.
func (a *App) compare(t *store.Tx, states map[event.Stream]*folding) error {
	seen := 0
	for s, err := range t.Streams("") {
		if err != nil {
			return err
		}
		f, ok := states[s.ID]
		if !ok {
			return fmt.Errorf("node: verify: %s is stored but has no events", s.ID)
		}
		seen++
		if f.version != s.Version {
			return fmt.Errorf("node: verify: %s is stored at version %d, its events make %d", s.ID, s.Version, f.version)
		}
		body, err := json.Marshal(f.state)
		if err != nil {
			return err
		}
		if !bytes.Equal(body, s.State) {
			return fmt.Errorf("node: verify: the state of %s is not what its events add up to", s.ID)
		}
		rows := f.state.Rows()
		have, err := t.ReadRows(s.ID, shapes(rows))
		if err != nil {
			return err
		}
		if diff := store.SameRows(rows, have); diff != "" {
			return fmt.Errorf("node: verify: %s: %s", s.ID, diff)
		}
	}
	if seen != len(states) {
		return fmt.Errorf("node: verify: %d streams are stored, the events make %d", seen, len(states))
	}
	return nil
}

func shapes(rows []event.Row) map[string][]string {
	m := map[string][]string{}
	for _, r := range rows {
		if _, ok := m[r.Table]; ok {
			continue
		}
		names := make([]string, len(r.Columns))
		for i, c := range r.Columns {
			names[i] = c.Name
		}
		m[r.Table] = names
	}
	return m
}

// keyRing holds every owner's wrapped key: what reading a whole ledger wants
// instead of a row for each part.
type keyRing map[event.Stream]wrappedKey

type wrappedKey struct {
	epoch   string
	wrapped []byte
}

// openAll makes a sealer for reading the whole ledger.
func (a *App) openAll(t *store.Tx) (*vault.Sealer, error) {
	ring := keyRing{}
	err := t.SealKeys(func(owner event.Stream, epoch string, wrapped []byte) error {
		ring[owner] = wrappedKey{epoch, wrapped}
		return nil
	})
	return vault.NewSealer(a.keys, ring), err
}

// SealKey implements vault.KeyRows.
func (k keyRing) SealKey(owner event.Stream) (string, []byte, bool, error) {
	w, ok := k[owner]
	return w.epoch, w.wrapped, ok, nil
}

// PutSealKey implements vault.KeyRows; a ring only opens.
func (k keyRing) PutSealKey(event.Stream, string, []byte) error {
	return errors.New("node: a whole ledger is read, not written")
}

// Erased implements vault.KeyRows: without a key, a part is gone.
func (k keyRing) Erased(owner event.Stream) (event.Erasure, bool) {
	_, there := k[owner]
	return event.Erasure{}, !there
}

// Refold rebuilds every state and row from the events, in one transaction:
// after an upgrade that changed what rows hold.
func (a *App) Refold(ctx context.Context, progress Progress) (streams int, err error) {
	err = a.db.Update(ctx, func(t *store.Tx) error {
		keys, err := a.openAll(t)
		if err != nil {
			return err
		}
		head, err := t.Head()
		if err != nil {
			return err
		}
		all, err := t.AllErased()
		if err != nil {
			return err
		}
		states := map[event.Stream]*folding{}
		var order []event.Stream
		for e, err := range t.Entries(0) {
			if err != nil {
				return err
			}
			if _, ok := states[e.Stream]; !ok {
				order = append(order, e.Stream)
			}
			if err := a.foldInto(states, e, keys, all); err != nil {
				return err
			}
			if progress != nil && e.Seq%10000 == 0 {
				progress(e.Seq, head.Seq)
			}
		}
		if err := t.ClearRows(); err != nil {
			return err
		}
		for _, s := range order {
			if err := t.Save(s, states[s].version, states[s].state, nil); err != nil {
				return err
			}
		}
		streams = len(order)
		return nil
	})
	return streams, err
}
