package node

import (
	"context"
	"encoding/hex"
	"fmt"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/dispatch"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/ledger"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/vault"
	"github.com/comity-project/comity/statement/envelope"
	"github.com/comity-project/comity/statement/sharing"
)

// unseal gives an envelope's signed bytes back.
func (a *App) unseal(t *store.Tx, e store.Envelope) (*envelope.Sealed, error) {
	b, _, err := vault.NewSealer(a.keys, t).Open(StatementStream(e.ID), e.Sealed)
	if err != nil {
		return nil, fault.Wrap(err, "node: open envelope %s", e.ID)
	}
	return envelope.Parse(b)
}

// said reads the statement in an envelope. Its signatures were checked when it
// came.
func (a *App) said(t *store.Tx, e store.Envelope) (*sharing.Version, error) {
	s, err := a.unseal(t, e)
	if err != nil {
		return nil, err
	}
	st, o, err := s.Said()
	if err != nil {
		return nil, fault.Wrap(err, "node: statement %s", e.ID)
	}
	return &sharing.Version{Statement: st, Object: o, Payload: s.PayloadHash(), Sealed: s}, nil
}

// Outgoing is an envelope of ours that a peer may have now.
type Outgoing struct {
	Seq      int64 // ask again after the highest of these
	Leaf     string
	Purpose  envelope.Purpose
	Envelope []byte
	Proof    []byte // that it is in our log, as a file of C2SP tlog-proof; nil before the next checkpoint
	Red      bool   // TLP:RED: for named people
}

// Outgoing gives what is addressed to a peer after a number, in order: at most
// limit envelopes are looked at, and next is where to go on. For each version
// of a statement it is decided now whether the peer may have it: what was
// narrowed, replaced or recalled since is passed over.
func (a *App) Outgoing(ctx context.Context, peer string, after int64, limit int) (out []Outgoing, next int64, err error) {
	l := a.Trust()
	if l == nil {
		return nil, after, fault.New(fault.Blocked, "dispatch.no_trust")
	}
	if _, ok := l.State(peer); !ok || peer == a.cfg.State {
		return nil, after, fault.New(fault.Denied, "dispatch.no_member")
	}
	next = after
	err = a.db.View(ctx, func(t *store.Tx) error {
		rows, err := t.EnvelopesFor(peer, after, min(max(limit, 1), maxBatch))
		if err != nil || len(rows) == 0 {
			return err
		}
		latest, recalled, err := a.standing(t, peer, rows)
		if err != nil {
			return err
		}
		c := sharing.Context{List: l, Self: a.cfg.State, Now: a.Now()}
		p, err := a.prover(t)
		if err != nil {
			return err
		}
		if err := t.FetchKeys(statementStreams(rows)); err != nil {
			return err
		}
		for _, e := range rows {
			next = e.Seq
			if e.Sealed == nil || e.State == store.Withheld {
				continue
			}
			key := ""
			o := Outgoing{Seq: e.Seq, Leaf: e.ID, Purpose: envelope.Purpose(e.Purpose), Red: e.TLP == "red"}
			if o.Purpose == envelope.ForStatement {
				v, err := a.said(t, e)
				if err != nil {
					return err
				}
				held := sharing.Held{Latest: v, Recalled: recalled[e.Object]}
				if latest[e.Object] != e.ID {
					held.Latest = nil
				}
				if sharing.Pass(v, held, peer, nil, c) != nil {
					continue
				}
				o.Envelope, key = v.Sealed.Bytes, v.Statement.Key
			} else if l.Live(c.Now) != nil {
				continue
			} else {
				s, err := a.unseal(t, e)
				if err != nil {
					return err
				}
				o.Envelope, key = s.Bytes, s.Header.Key
			}
			if o.Proof, err = p.prove(e.Leaf, key); err != nil {
				return err
			}
			out = append(out, o)
		}
		return nil
	})
	return out, next, fault.Wrap(err, "node: outgoing")
}

// standing gives the id of the latest version of each object of ours, and up to
// which version each was recalled from a peer.
func (a *App) standing(t *store.Tx, peer string, rows []store.Envelope) (latest map[string]string, recalled map[string]int64, err error) {
	var objects []string
	seen := map[string]bool{}
	for _, e := range rows {
		if e.Purpose == string(envelope.ForStatement) && !seen[e.Object] {
			seen[e.Object] = true
			objects = append(objects, e.Object)
		}
	}
	latest, recalled = map[string]string{}, map[string]int64{}
	for len(objects) > 0 {
		some := objects[:min(len(objects), gatherAtOnce)]
		objects = objects[len(some):]
		about, err := t.LatestOwn(some)
		if err != nil {
			return nil, nil, err
		}
		back, err := t.RecalledFrom(peer, some)
		if err != nil {
			return nil, nil, err
		}
		for object, id := range about {
			latest[object] = id
		}
		for object, version := range back {
			recalled[object] = version
		}
	}
	return latest, recalled, nil
}

// OpenRecalls lists which states owe us an answer to which recall.
func (a *App) OpenRecalls(ctx context.Context, actor access.Actor) (open []store.OpenRecall, err error) {
	if !access.Can(actor, access.ExchangeRead, access.Thing{}) {
		return nil, fault.New(fault.NotFound, "fault.not_found")
	}
	err = a.db.View(ctx, func(t *store.Tx) (err error) {
		open, err = t.OpenRecalls(maxOpenRecalls)
		return err
	})
	return open, fault.Wrap(err, "node: open recalls")
}

// maxOpenRecalls bounds the list of open recalls.
const maxOpenRecalls = 500

// noteUse notes that a statement went into something that stays.
func noteUse(t *Tx, c dispatch.NoteUse) error {
	e, found, err := t.Envelope(c.Leaf)
	if err != nil {
		return err
	}
	if !found || e.Own || e.Purpose != string(envelope.ForStatement) {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	if err := t.Must(access.ExchangeRead, access.ExchangeWrite, access.Thing{Kind: dispatch.KindStatement}); err != nil {
		return err
	}
	if e.State == store.Withheld || e.State == store.Disposed {
		return fault.New(fault.Blocked, "dispatch.recalled")
	}
	return t.use(c)
}

// use notes a use, for whatever the program itself does with a statement.
func (t *Tx) use(c dispatch.NoteUse) error {
	s, _, err := load[*dispatch.Taken](t, c.Stream())
	if err != nil {
		return err
	}
	events, err := dispatch.DecideTaken(s, c)
	if err != nil {
		return err
	}
	return t.Append(events)
}

func ledgerLeaf(id string) (h [32]byte) {
	b, _ := hex.DecodeString(id) // made by leafOf
	copy(h[:], b)
	return h
}

// issuing is a state whose events name the envelopes that it issued, in their
// order.
type issuing interface{ Issued() []string }

// verifyEnvelopes holds the rows of what a stream brought and issued against
// what its events say.
func (a *App) verifyEnvelopes(t *store.Tx, f folding) error {
	bad := func(e store.Envelope, what string) error {
		return fmt.Errorf("node: verify: envelope %s of %s: %s", e.ID, f.stream, what)
	}
	if b, ok := f.state.(*dispatch.Batch); ok {
		rows, err := t.EnvelopesOf(f.stream, false)
		if err != nil {
			return err
		}
		var tree ledger.Accumulator
		for i, e := range rows {
			tree.Add(ledgerLeaf(e.ID))
			if e.N != int64(i) {
				return bad(e, "not in its place")
			}
			if err := a.verifyEnvelope(t, e); err != nil {
				return bad(e, err.Error())
			}
		}
		if root := tree.Root(); int64(len(rows)) != b.Count || b.Granted == nil && hex.EncodeToString(root[:]) != b.Root {
			return fmt.Errorf("node: verify: the envelopes of %s are not those that came", f.stream)
		}
	}
	s, ok := f.state.(issuing)
	if !ok {
		return nil
	}
	rows, err := t.EnvelopesOf(f.stream, true)
	if err != nil {
		return err
	}
	leaves := s.Issued()
	if len(rows) != len(leaves) {
		return fmt.Errorf("node: verify: %s issued %d envelopes, %d are kept", f.stream, len(leaves), len(rows))
	}
	for i, e := range rows {
		if e.ID != leaves[i] {
			return bad(e, "not the one that was issued")
		}
		if err := a.verifyEnvelope(t, e); err != nil {
			return bad(e, err.Error())
		}
	}
	return nil
}

// verifyEnvelope holds a row against the envelope that it is about. What was
// erased has its place in the root, and an erasure that the ledger tells of.
func (a *App) verifyEnvelope(t *store.Tx, e store.Envelope) error {
	if e.Sealed == nil {
		if _, gone := t.Erased(StatementStream(e.ID)); !gone {
			return fmt.Errorf("its content is missing and no erasure tells why")
		}
		return nil
	}
	s, err := a.unseal(t, e)
	if err != nil {
		return err
	}
	hash := s.PayloadHash()
	if leafOf(s) != e.ID || string(hash[:]) != string(e.Payload) || string(s.Purpose) != e.Purpose || s.Header.Issuer != e.Issuer {
		return fmt.Errorf("the row is not that of its envelope")
	}
	if s.Purpose != envelope.ForStatement {
		return nil
	}
	st, o, err := s.Said()
	if err != nil {
		return err
	}
	if st.ID != e.Object || st.Version != e.Version || o.Type() != e.Kind || st.Handling.TLP != e.TLP {
		return fmt.Errorf("the row is not that of its statement")
	}
	return nil
}
