package node

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/exchange"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/ledger"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/statement/envelope"
	"github.com/comity-project/comity/statement/sharing"
	"github.com/comity-project/comity/statement/tlog"
	"github.com/comity-project/comity/statement/trust"
)

// carried is the node as the exchange sees it.
type carried struct{ *App }

// Exchange gives the node to what moves its envelopes.
func (a *App) Exchange() exchange.Inside { return carried{a} }

// Outgoing implements exchange.Inside.
func (c carried) Outgoing(ctx context.Context, to string, after int64, limit int) ([]exchange.Item, int64, error) {
	out, next, err := c.App.Outgoing(ctx, to, after, limit)
	items := make([]exchange.Item, len(out))
	for i, o := range out {
		items[i] = exchange.Item{Seq: o.Seq, Envelope: o.Envelope, Proof: o.Proof, Secret: o.Red}
	}
	return items, next, err
}

// Receive implements exchange.Inside.
func (c carried) Receive(ctx context.Context, from string, items []exchange.Item) (taken exchange.Taken, err error) {
	r := Receive{Batch: NewID(), Sender: from}
	for _, i := range items {
		r.Envelopes = append(r.Envelopes, Incoming{Envelope: i.Envelope, Proof: i.Proof})
	}
	var out []Outcome
	if err := c.Do(ctx, access.System(), r, Into(&out)); err != nil {
		return taken, err
	}
	for _, o := range out {
		switch {
		case o.Kept:
			taken.New++
		case o.Refused == sharing.Future.Error():
			taken.Later = true
		case o.Refused != "":
			taken.Refused = append(taken.Refused, o.Refused)
		}
	}
	return taken, nil
}

// Unproved implements exchange.Inside.
func (c carried) Unproved(ctx context.Context, from string, limit int) (ids []string, err error) {
	err = c.db.View(ctx, func(t *store.Tx) error {
		ids, err = t.Unwitnessed(from, limit)
		return err
	})
	return ids, err
}

// Proof implements exchange.Inside: a state is given proofs of what is addressed
// to it.
func (c carried) Proof(ctx context.Context, to, id string) ([]byte, error) {
	theirs := false
	if err := c.db.View(ctx, func(t *store.Tx) error {
		e, found, err := t.Envelope(id)
		if err != nil || !found || !e.Own {
			return err
		}
		states, err := t.Recipients(e.Seq)
		theirs = slices.Contains(states, to)
		return err
	}); err != nil || !theirs {
		return nil, err
	}
	return c.App.Proof(ctx, id)
}

// Proved implements exchange.Inside.
func (c carried) Proved(ctx context.Context, id string, proof []byte) error {
	err := c.App.Proved(ctx, id, proof)
	var f *fault.Error
	if errors.As(err, &f) && f.Cause != nil {
		return f.Cause // whether it is witnessed is told by the cause
	}
	return err
}

// Addressed implements exchange.Inside.
func (c carried) Addressed(ctx context.Context, after int64) (states []string, last int64, err error) {
	err = c.db.View(ctx, func(t *store.Tx) error {
		if last, err = t.LastEnvelope(); err != nil || last == after {
			return err
		}
		states, err = t.EnvelopesAddressed(after)
		return err
	})
	return states, last, err
}

// Peer implements exchange.Inside.
func (c carried) Peer(ctx context.Context, state string) (exchange.Peer, error) {
	p := exchange.Peer{State: state}
	err := c.db.View(ctx, func(t *store.Tx) error {
		all, err := t.ExchangePeers(state)
		if len(all) > 0 {
			p = exchange.Peer(all[0])
		}
		return err
	})
	return p, err
}

// KeepPeer implements exchange.Inside.
func (c carried) KeepPeer(ctx context.Context, p exchange.Peer) error {
	return c.db.Update(ctx, func(t *store.Tx) error { return t.PutExchangePeer(store.ExchangePeer(p)) })
}

// Peers is what is remembered of other states' nodes, for doors that show it.
func (a *App) Peers(ctx context.Context) (peers []store.ExchangePeer, err error) {
	err = a.db.View(ctx, func(t *store.Tx) error {
		peers, err = t.ExchangePeers("")
		return err
	})
	return peers, err
}

// AdvanceLog implements exchange.Inside.
func (c carried) AdvanceLog(ctx context.Context) error {
	if _, err := c.Checkpoint(ctx); err != nil { // so that it is a leaf of the log
		return err
	}
	_, err := c.LogCheckpoint(ctx)
	return err
}

// LogHead implements exchange.Inside.
func (c carried) LogHead(ctx context.Context) ([]byte, error) {
	head, size, err := c.App.LogHead(ctx)
	if size == 0 {
		return nil, err
	}
	return head, err
}

// LogRoot implements exchange.Inside.
func (c carried) LogRoot(ctx context.Context, size int64) (root tlog.Hash, err error) {
	err = c.db.View(ctx, func(t *store.Tx) error {
		root, err = tlog.Root(logTree(t, size), size)
		return err
	})
	return root, err
}

// LogTile implements exchange.Inside.
func (c carried) LogTile(ctx context.Context, tile tlog.Tile) ([]byte, error) {
	return c.App.LogTile(ctx, tile.Path())
}

// BeginEpoch implements exchange.Inside.
func (c carried) BeginEpoch(ctx context.Context, epoch int64, lost string) error {
	return fault.Wrap(c.db.UpdateAlone(ctx, func(st *store.Tx) error {
		t := &Tx{Tx: st, app: c.App, loaded: map[event.Stream]*loaded{}, call: &run{}}
		last, err := t.LastCheckpoint()
		if err != nil {
			return err
		}
		if err := t.ForgetLog(); err != nil {
			return err
		}
		if _, err := t.issue(logStream, last.Size, nil, store.Envelope{Purpose: string(envelope.ForCheckpoint), Version: last.Size}, func(h envelope.Header) any {
			return envelope.LedgerCheckpoint{Header: h, Epoch: epoch, Checkpoint: string(last.Note), Lost: lost}
		}); err != nil {
			return err
		}
		_, err = t.advanceLog(epoch)
		return err
	}), "node: a new epoch of the log")
}

// logEpoch is the epoch that the log is in: that of its last head.
func (t *Tx) logEpoch(head store.Checkpoint) (int64, error) {
	if head.Size == 0 {
		return 1, nil
	}
	origin, _, _ := strings.Cut(string(head.Note), "\n")
	_, epoch, err := trust.EpochOf(origin)
	return epoch, err
}

// logSigner signs heads of the log in an epoch: with the same key, under the
// epoch's origin.
func (a *App) logSigner(epoch int64) (note.Signer, error) {
	if epoch <= 1 {
		return a.saying.log, nil
	}
	v, err := (&trust.State{Log: a.saying.logKey}).LogKey(epoch)
	if err != nil {
		return nil, err
	}
	parts := strings.SplitN(a.saying.logSecret, "+", 5) // PRIVATE, KEY, name, hash, key in base64, which has plus signs of its own
	if len(parts) != 5 {
		return nil, errors.New("node: the key of the log is damaged")
	}
	return note.NewSigner(fmt.Sprintf("PRIVATE+KEY+%s+%08x+%s", v.Name(), v.KeyHash(), parts[4]))
}

// ReadLedgerCheckpoint reads a checkpoint of this node's case ledger: as it was
// signed, or in the envelope that stands in the log.
func (a *App) ReadLedgerCheckpoint(b []byte) (ledger.Checkpoint, error) {
	s, err := envelope.Parse(b)
	if err != nil {
		return ledger.OpenCheckpoint(b, a.verifier)
	}
	if s.Purpose != envelope.ForCheckpoint {
		return ledger.Checkpoint{}, errors.New("node: the envelope holds no checkpoint of a ledger")
	}
	if !slices.ContainsFunc(a.StatementKeys(), func(k StatementKey) bool { return s.VerifiedBy(k.Plain) == nil || s.VerifiedBy(k.Quantum) == nil }) {
		return ledger.Checkpoint{}, errors.New("node: the envelope is not signed by this node")
	}
	var c envelope.LedgerCheckpoint
	if err := envelope.Unmarshal(s.Payload, &c); err != nil {
		return ledger.Checkpoint{}, err
	}
	return ledger.OpenCheckpoint([]byte(c.Checkpoint), a.verifier)
}

// LedgerCheckpoint is the newest envelope with a checkpoint of the case ledger
// that stands in the log, with the proof of that; nil where there is none.
func (a *App) LedgerCheckpoint(ctx context.Context) (signed, proof []byte, at time.Time, err error) {
	err = a.db.View(ctx, func(t *store.Tx) error {
		e, found, err := t.LastLogged(string(logStream))
		if err != nil || !found {
			return err
		}
		s, err := a.unseal(t, e)
		if err != nil {
			return err
		}
		p, err := a.prover(t)
		if err != nil {
			return err
		}
		signed, at = s.Bytes, e.Came
		proof, err = p.prove(e.Leaf, s.Header.Key)
		return err
	})
	return signed, proof, at, err
}
