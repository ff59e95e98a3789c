package node

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/note"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/statement/envelope"
	"github.com/comity-project/comity/statement/tlog"
	"github.com/comity-project/comity/statement/trust"
)

const (
	// logBucket is what each interval of the log is filled up to: silence looks
	// as talk does.
	logBucket = 64
	// logAtOnce bounds the envelopes that one checkpoint takes in; the next
	// takes the rest.
	logAtOnce = 20_000
	// logBlockSize is how many node hashes one stored block holds.
	logBlockSize = 512
	// logStream is the stream of what the log itself issues: checkpoints of the
	// case ledger. It has no events, so that a quiet ledger stays quiet.
	logStream event.Stream = "log/ledger"
)

// logNodes keeps the nodes of the log's tree in blocks. It reads through a cache
// for one transaction.
type logNodes struct {
	t     *store.Tx
	size  int64 // nodes stored
	cache map[int64][]byte
}

func (n *logNodes) block(i int64) ([]byte, error) {
	if b, ok := n.cache[i]; ok {
		return b, nil
	}
	b, err := n.t.LogBlock(i)
	n.cache[i] = b
	return b, err
}

// ReadHashes implements tlog.HashReader.
func (n *logNodes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		b, err := n.block(x / logBlockSize)
		if err != nil {
			return nil, err
		}
		at := (x % logBlockSize) * envelope.HashSize
		if int64(len(b)) < at+envelope.HashSize {
			return nil, fmt.Errorf("node: node %d of the log is not stored", x)
		}
		copy(out[i][:], b[at:])
	}
	return out, nil
}

// Append implements tlog.Nodes.
func (n *logNodes) Append(hashes []tlog.Hash) error {
	changed := map[int64]bool{}
	for _, h := range hashes {
		i := n.size / logBlockSize
		b, err := n.block(i)
		if err != nil {
			return err
		}
		n.cache[i] = append(b[:len(b):len(b)], h[:]...)
		changed[i] = true
		n.size++
	}
	for i := range changed {
		if err := n.t.PutLogBlock(i, n.cache[i]); err != nil {
			return err
		}
	}
	return nil
}

func logTree(t *store.Tx, size int64) *logNodes {
	return &logNodes{t: t, size: storedNodes(size), cache: map[int64][]byte{}}
}

// storedNodes is how many nodes a tree of size leaves has.
func storedNodes(size int64) int64 {
	n := int64(0)
	for i := size; i > 0; i >>= 1 {
		n += i
	}
	return n
}

// LogCheckpoint gives every envelope of ours that has no place in the log one,
// the newest checkpoint of the case ledger among them, fills the interval up
// with dummies and signs the head. It runs at fixed times, also when nothing was
// said. A node without a trust list in force keeps no log yet: size 0.
func (a *App) LogCheckpoint(ctx context.Context) (size int64, err error) {
	if _, _, err := a.speaker(a.Now()); err != nil {
		return 0, nil //nolint:nilerr // nothing can be said, so nothing is logged
	}
	err = a.db.UpdateAlone(ctx, func(st *store.Tx) error {
		t := &Tx{Tx: st, app: a, loaded: map[event.Stream]*loaded{}, call: &run{}}
		head, err := t.LogHead(0)
		if err != nil {
			return err
		}
		epoch, err := t.logEpoch(head)
		if err != nil {
			return err
		}
		if err := t.commitToLedger(epoch); err != nil {
			return err
		}
		size, err = t.advanceLog(epoch)
		return err
	})
	return size, fault.Wrap(err, "node: checkpoint of the log")
}

// advanceLog gives what has no place in the log one, fills the interval up and
// signs the head.
func (t *Tx) advanceLog(epoch int64) (size int64, err error) {
	head, err := t.LogHead(0)
	if err != nil {
		return 0, err
	}
	seqs, ids, err := t.Unlogged(logAtOnce)
	if err != nil {
		return 0, err
	}
	leaves := make([]tlog.Hash, 0, len(ids)+logBucket)
	for i, id := range ids {
		leaves = append(leaves, ledgerLeaf(id))
		if err := t.SetLeaf(seqs[i], head.Size+int64(i)); err != nil {
			return 0, err
		}
	}
	for range tlog.Padding(head.Size, head.Size+int64(len(ids)), logBucket) {
		var random [2 * envelope.HashSize]byte
		if _, err := rand.Read(random[:]); err != nil {
			return 0, err
		}
		leaves = append(leaves, tlog.Dummy(random))
	}
	nodes := logTree(t.Tx, head.Size)
	if size, err = tlog.Add(nodes, head.Size, leaves); err != nil {
		return 0, err
	}
	root, err := tlog.Root(nodes, size)
	if err != nil {
		return 0, err
	}
	signer, err := t.app.logSigner(epoch)
	if err != nil {
		return 0, err
	}
	signed, err := tlog.Checkpoint{Origin: signer.Name(), Size: size, Root: root}.Sign(signer)
	if err != nil {
		return 0, err
	}
	return size, t.PutLogHead(store.Checkpoint{Size: size, Root: root, Note: signed})
}

// commitToLedger makes the newest checkpoint of the case ledger a leaf of the
// log, once: the node's own history can't be rewritten unseen.
func (t *Tx) commitToLedger(epoch int64) error {
	last, err := t.LastCheckpoint()
	if err != nil || last.Size == 0 {
		return err
	}
	issued, err := t.LedgerLeaf(string(logStream), last.Size)
	if err != nil || issued {
		return err
	}
	_, err = t.issue(logStream, last.Size, nil, store.Envelope{Purpose: string(envelope.ForCheckpoint), Version: last.Size}, func(h envelope.Header) any {
		return envelope.LedgerCheckpoint{Header: h, Epoch: epoch, Checkpoint: string(last.Note)}
	})
	return err
}

// LogHead is the newest signed head of the log with the cosignatures that came
// for it; nil where there is none.
func (a *App) LogHead(ctx context.Context) (signed []byte, size int64, err error) {
	err = a.db.View(ctx, func(t *store.Tx) error {
		head, err := t.LogHead(0)
		signed, size = head.Note, head.Size
		return err
	})
	return signed, size, fault.Wrap(err, "node: head of the log")
}

// LogConsistency proves to a witness that the log of size is the beginning of
// the log of later.
func (a *App) LogConsistency(ctx context.Context, size, later int64) (path []tlog.Hash, err error) {
	err = a.db.View(ctx, func(t *store.Tx) error {
		path, err = tlog.Consistency(logTree(t, later), later, size)
		return err
	})
	return path, fault.Wrap(err, "node: consistency of the log")
}

// LogTile gives a tile of the log, as C2SP tlog-tiles publishes them.
func (a *App) LogTile(ctx context.Context, path string) (b []byte, err error) {
	tile, err := tlog.ParseTile(path)
	if err != nil {
		return nil, fault.New(fault.NotFound, "fault.not_found").Because(err)
	}
	err = a.db.View(ctx, func(t *store.Tx) error {
		head, err := t.LogHead(0)
		if err != nil {
			return err
		}
		if b, err = tile.Read(logTree(t, head.Size), head.Size); err != nil {
			return fault.New(fault.NotFound, "fault.not_found").Because(err)
		}
		return nil
	})
	return b, err
}

// Cosigned adds a witness's cosignature: signed is our head of its size as the
// witness gave it back. Signatures of witnesses that the trust list does not
// name are dropped.
func (a *App) Cosigned(ctx context.Context, signed []byte) error {
	l := a.Trust()
	if l == nil {
		return fault.New(fault.Blocked, "dispatch.no_trust")
	}
	var all []note.Verifier
	for _, s := range l.States {
		if w, err := tlog.ParseWitness(s.Witness); err == nil && s.ID != a.cfg.State {
			all = append(all, w)
		}
	}
	own, err := (&trust.State{Log: a.saying.logKey}).LogOf(signed)
	if err != nil {
		return err
	}
	known := note.VerifierList(append(all, own)...)
	came, err := note.Open(signed, known)
	if err != nil {
		return fault.New(fault.Invalid, "dispatch.cosignature").Because(err)
	}
	head, err := tlog.ParseCheckpoint(came.Text)
	if err != nil {
		return fault.New(fault.Invalid, "dispatch.cosignature").Because(err)
	}
	return fault.Wrap(a.db.Update(ctx, func(t *store.Tx) error {
		ours, err := t.LogHead(head.Size)
		if err != nil {
			return err
		}
		have, err := note.Open(ours.Note, known)
		if err != nil || have.Text != came.Text {
			return fault.New(fault.Invalid, "dispatch.cosignature").Because(errors.Join(err, errors.New("not a head of ours")))
		}
		merged := &note.Note{Text: have.Text, Sigs: have.Sigs}
		for _, s := range came.Sigs {
			if !bytes.Contains(ours.Note, []byte("\n\u2014 "+s.Name+" ")) {
				merged.Sigs = append(merged.Sigs, s)
			}
		}
		b, err := note.Sign(merged)
		if err != nil {
			return err
		}
		return t.PutLogHead(store.Checkpoint{Size: ours.Size, Root: ours.Root, Note: b})
	}), "node: cosignature")
}

// Proof proves that an envelope of ours is in the log, under the head with the
// most cosignatures; nil before it has a place there.
func (a *App) Proof(ctx context.Context, leaf string) (b []byte, err error) {
	err = a.db.View(ctx, func(t *store.Tx) error {
		e, found, err := t.Envelope(leaf)
		if err != nil || !found || !e.Own {
			return err
		}
		key := ""
		if e.Sealed != nil {
			s, err := a.unseal(t, e)
			if err != nil {
				return err
			}
			key = s.Header.Key
		}
		p, err := a.prover(t)
		if err != nil {
			return err
		}
		b, err = p.prove(e.Leaf, key)
		return err
	})
	return b, fault.Wrap(err, "node: proof")
}

// Proved takes in a proof for an envelope that was received before.
func (a *App) Proved(ctx context.Context, leaf string, proof []byte) error {
	l := a.Trust()
	if l == nil {
		return fault.New(fault.Blocked, "dispatch.no_trust")
	}
	p, err := tlog.ParseProof(proof)
	if err != nil {
		return fault.New(fault.Invalid, "dispatch.proof").Because(err)
	}
	return a.db.Update(ctx, func(t *store.Tx) error {
		e, found, err := t.Envelope(leaf)
		if err != nil || !found || e.Sealed == nil || e.Own {
			return err
		}
		s, err := a.unseal(t, e)
		if err != nil {
			return err
		}
		at, err := l.Witnessed(s, p)
		if err != nil {
			return fault.New(fault.Invalid, "dispatch.proof").Because(err)
		}
		return t.SetWitnessed(leaf, at)
	})
}

// prover makes proofs under one head: the newest of the last ones that has the
// most cosignatures. What a key signed that is revoked is proved under a head that
// was cosigned before.
type prover struct {
	t       *store.Tx
	app     *App
	head    store.Checkpoint
	newer   store.Checkpoint
	revoked map[string]store.Checkpoint // by key
	nodes   *logNodes
}

// proofHeads is how many of the last heads are looked at for cosignatures.
const proofHeads = 12

func (a *App) prover(t *store.Tx) (*prover, error) {
	heads, err := t.LastLogHeads(proofHeads) // the newest first
	if err != nil || len(heads) == 0 {
		return nil, err
	}
	p := &prover{t: t, app: a, head: heads[0], newer: heads[0], revoked: map[string]store.Checkpoint{}, nodes: logTree(t, heads[0].Size)}
	for _, h := range heads[1:] {
		if bytes.Count(h.Note, []byte("\n\u2014 ")) > bytes.Count(p.head.Note, []byte("\n\u2014 ")) {
			p.head = h
		}
	}
	return p, nil
}

// before is the newest of the last heads from before a key was revoked that a
// quorum had cosigned by then; its size is 0 where there is none, and for keys
// that count.
func (p *prover) before(key string) (store.Checkpoint, error) {
	if h, ok := p.revoked[key]; ok {
		return h, nil
	}
	p.revoked[key] = store.Checkpoint{}
	l := p.app.Trust()
	if l == nil {
		return store.Checkpoint{}, nil
	}
	at, ok := l.RevokedAt(p.app.cfg.State, key)
	if !ok {
		return store.Checkpoint{}, nil
	}
	heads, err := p.t.LogHeadsBefore(at, proofHeads)
	if err != nil {
		return store.Checkpoint{}, err
	}
	witnesses, err := l.Witnesses(p.app.cfg.State)
	if err != nil {
		return store.Checkpoint{}, err
	}
	for _, h := range heads {
		own, err := (&trust.State{Log: p.app.saying.logKey}).LogOf(h.Note)
		if err != nil {
			return store.Checkpoint{}, err
		}
		o, err := tlog.Open(h.Note, own, witnesses...)
		if err != nil {
			return store.Checkpoint{}, err
		}
		if when, ok := o.WitnessedBy(trust.Quorum(len(l.States) - 1)); ok && when.Before(at) {
			p.revoked[key] = h
			break
		}
	}
	return p.revoked[key], nil
}

// prove proves a place in the log for what a key signed.
func (p *prover) prove(leaf int64, key string) ([]byte, error) {
	if p == nil || leaf < 0 {
		return nil, nil
	}
	head, err := p.before(key)
	if err != nil {
		return nil, err
	}
	if leaf >= head.Size {
		head = p.head
	}
	if leaf >= head.Size {
		head = p.newer
	}
	if leaf >= head.Size {
		return nil, nil
	}
	path, err := tlog.Inclusion(p.nodes, head.Size, leaf)
	if err != nil {
		return nil, err
	}
	return tlog.Proof{Index: leaf, Path: path, Checkpoint: head.Note}.Marshal(), nil
}

// verifyLog holds the tree of the log against its newest head and the places of
// our envelopes against the tree.
func (a *App) verifyLog(t *store.Tx) error {
	head, err := t.LogHead(0)
	if err != nil || head.Size == 0 {
		return err
	}
	own, err := (&trust.State{Log: a.saying.logKey}).LogOf(head.Note)
	if err != nil {
		return err
	}
	signed, err := tlog.Open(head.Note, own)
	if err != nil {
		return err
	}
	nodes := logTree(t, head.Size)
	root, err := tlog.Root(nodes, head.Size)
	if err != nil {
		return err
	}
	if root != signed.Root || head.Size != signed.Size {
		return errors.New("node: verify: the stored log does not have the root of its last head")
	}
	logged, err := t.Logged()
	if err != nil {
		return err
	}
	for _, e := range logged {
		if e.Leaf >= head.Size {
			return fmt.Errorf("node: verify: envelope %s is not in its place in the log", e.ID)
		}
		// The node of leaf n is stored after all complete nodes of the leaves before.
		h, err := nodes.ReadHashes([]int64{storedNodes(e.Leaf)})
		if err != nil {
			return err
		}
		if hex.EncodeToString(h[0][:]) != e.ID {
			return fmt.Errorf("node: verify: envelope %s is not in its place in the log", e.ID)
		}
	}
	return nil
}
