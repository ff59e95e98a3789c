package node

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"iter"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/ledger"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/vault"
	"github.com/comity-project/comity/policy"
)

// folding is a stream that is folded again from its events.
type folding struct {
	stream  event.Stream
	version int64
	state   event.State
}

// foldStreams folds all streams again, in the order of the store's Streams. Of
// millions it holds the state of one: the next is not begun before the caller
// is done with the one given. progress is told how many events were folded.
func (a *App) foldStreams(t *store.Tx, stateOf func(event.Stream) (event.State, error), progress func(done int64)) iter.Seq2[folding, error] {
	return func(yield func(folding, error) bool) {
		seal := vault.NewSealer(a.keys, t)
		var f folding
		var done int64
		fail := func(err error) { yield(folding{}, err) }
		for batch, err := range t.EntriesByStream() {
			if err == nil {
				err = t.FetchKeys(ownersOf(batch))
			}
			if err != nil {
				fail(err)
				return
			}
			for _, e := range batch {
				if e.Stream != f.stream {
					if f.state != nil && !yield(f, nil) {
						return
					}
					f = folding{stream: e.Stream}
					if f.state, err = stateOf(e.Stream); err != nil {
						fail(err)
						return
					}
				}
				if e.Version != f.version+1 {
					fail(&ledger.Damage{Seq: e.Seq, What: fmt.Sprintf("version %d of %s, want %d", e.Version, e.Stream, f.version+1)})
					return
				}
				r, err := ledger.Decode(e, a.registry, seal, t)
				if err == nil {
					err = f.state.Apply(r)
				}
				if err != nil {
					fail(&ledger.Damage{Seq: e.Seq, What: err.Error()})
					return
				}
				f.version = e.Version
			}
			done += int64(len(batch))
			if progress != nil {
				progress(done)
			}
		}
		if f.state != nil {
			yield(f, nil)
		}
	}
}

// comparedStreams is how many streams are held against the tables at a time: a
// few queries for all of them instead of some for each.
const comparedStreams = 250

// compare folds every stream again and holds states and rows against what is
// stored, stream after stream; events is how many there must be.
func (a *App) compare(t *store.Tx, events int64, progress func(done int64)) (streams int, err error) {
	next, stop := iter.Pull2(t.Streams(""))
	defer stop()
	var rows []store.StreamRows
	var from event.Stream // the rows of the streams up to this one were compared
	compareTo := func(to event.Stream) error {
		diff, err := t.CompareRows(from, to, rows)
		if err == nil && diff != "" {
			err = fmt.Errorf("node: verify: %s", diff)
		}
		rows, from = rows[:0], to
		return err
	}
	var folded int64
	var same stateComparer
	for f, err := range a.foldStreams(t, a.stateOf, progress) {
		if err != nil {
			return streams, err
		}
		stored, err, _ := next()
		if err != nil {
			return streams, err
		}
		if err := same.as(f, stored); err != nil {
			return streams, err
		}
		if err := a.verifyImport(t, f); err != nil {
			return streams, err
		}
		if err := a.verifyEnvelopes(t, f); err != nil {
			return streams, err
		}
		streams++
		folded += f.version
		rows = append(rows, store.StreamRows{Stream: f.stream, Rows: f.state.Rows()})
		if len(rows) == comparedStreams {
			if err := compareTo(f.stream); err != nil {
				return streams, err
			}
		}
	}
	if stored, err, more := next(); err != nil {
		return streams, err
	} else if more {
		return streams, fmt.Errorf("node: verify: %s is stored but has no events", stored.ID)
	}
	if folded != events {
		return streams, fmt.Errorf("node: verify: the streams have %d events, the ledger %d", folded, events)
	}
	return streams, compareTo("")
}

// stateComparer compares states, one after another, in one buffer.
type stateComparer struct{ body bytes.Buffer }

// as says how a stored stream differs from its events; both come in the same
// order, so that another stream means that one of the two is missing.
func (c *stateComparer) as(f folding, stored store.Stream) error {
	if stored.ID != f.stream {
		return fmt.Errorf("node: verify: the events go on with %s, what is stored with %q: one has events and is not stored, or is stored and has none", f.stream, stored.ID)
	}
	if f.version != stored.Version {
		return fmt.Errorf("node: verify: %s is stored at version %d, its events make %d", f.stream, stored.Version, f.version)
	}
	c.body.Reset()
	if err := json.NewEncoder(&c.body).Encode(f.state); err != nil { // as Marshal, and a newline
		return err
	}
	if !bytes.Equal(bytes.TrimSuffix(c.body.Bytes(), []byte("\n")), stored.State) {
		return fmt.Errorf("node: verify: the state of %s is not what its events add up to", f.stream)
	}
	return nil
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

// Refold rebuilds every state and row from the events, in one transaction:
// after an upgrade that changed what rows hold. What decisions rested on is
// made anew from the documents that they name.
func (a *App) Refold(ctx context.Context, progress Progress) (streams int, err error) {
	schema, err := a.db.SchemaVersion(ctx)
	if err != nil {
		return 0, err
	}
	err = a.db.UpdateAlone(ctx, func(t *store.Tx) error {
		head, err := t.Head()
		if err != nil {
			return err
		}
		if err := t.ClearRows(); err != nil {
			return err
		}
		told := func(done int64) {
			if progress != nil {
				progress(done, head.Seq)
			}
		}
		facts := remaking{a, map[string]*policy.Pack{}}
		for f, err := range a.foldStreams(t, a.stateOf, told) {
			if err != nil {
				return err
			}
			if err := facts.remake(t, f.state); err != nil {
				return err
			}
			if err := t.Save(f.stream, f.version, f.state, nil); err != nil {
				return err
			}
			streams++
		}
		return t.SetRowsMade(schema)
	})
	return streams, err
}
