package node

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/dispatch"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/ledger"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/statement/envelope"
	"github.com/comity-project/comity/statement/sharing"
	"github.com/comity-project/comity/statement/stix"
	"github.com/comity-project/comity/statement/tlog"
	"github.com/comity-project/comity/statement/trust"
)

// What moves envelopes between nodes calls four things: Outgoing for what a peer
// may have after a number, Receive for what came from one, LogHead and Cosigned
// for witnesses, and Proved where a proof comes later than what it proves. It
// decides nothing about audience, recall or disposal: that is here.

// Incoming is an envelope that came from a peer, with a proof that it is in its
// issuer's log where one came along (a file of C2SP tlog-proof).
type Incoming struct {
	Envelope []byte
	Proof    []byte
}

// Receive takes in what a peer handed over in one go: statements, recalls,
// receipts, grants. Answer: an Outcome for each, in their order. It is one
// command and one event. Only the node itself gives it, for a peer that the
// transport has proved to be Sender.
type Receive struct {
	Batch     string // a fresh id
	Sender    string // state in the trust list
	Envelopes []Incoming
}

// Outcome is what became of one envelope that came.
type Outcome struct {
	Leaf    string `json:"leaf,omitempty"`
	Kept    bool   `json:"kept,omitempty"`    // taken in now
	Had     bool   `json:"had,omitempty"`     // it was here already
	Refused string `json:"refused,omitempty"` // why it was not taken
}

// maxBatch bounds the envelopes of one Receive.
const maxBatch = 5000

// StatementStream is the stream of what we did with a statement that we took in;
// the key of its content bears the same name.
func StatementStream(leaf string) event.Stream {
	return event.StreamOf(dispatch.KindStatement, leaf)
}

// statementStreams are those of several, for reading their keys in one go.
func statementStreams(rows []store.Envelope) []event.Stream {
	out := make([]event.Stream, len(rows))
	for i, e := range rows {
		out[i] = StatementStream(e.ID)
	}
	return out
}

// opened is an envelope whose form and signatures were checked before the
// transaction; fail says why it can't be taken.
type opened struct {
	id        string
	sealed    *envelope.Sealed
	version   *sharing.Version
	recall    *envelope.Recall
	receipt   *envelope.Receipt
	grant     *envelope.Grant
	witnessed time.Time
	fail      error
}

// leafOf is the id of an envelope: its leaf in its issuer's log.
func leafOf(s *envelope.Sealed) string {
	l := tlog.Leaf([envelope.SaltSize]byte(s.Header.Salt), s.Hash())
	return hex.EncodeToString(l[:])
}

// openIncoming checks everything about an envelope that needs no transaction.
func openIncoming(in Incoming, l *trust.List) (o opened) {
	if o.sealed, o.fail = envelope.Open(in.Envelope, l); o.fail != nil {
		return o
	}
	o.id = leafOf(o.sealed)
	switch o.sealed.Purpose {
	case envelope.ForStatement:
		st, object, err := o.sealed.Said()
		o.version, o.fail = &sharing.Version{Statement: st, Object: object, Payload: o.sealed.PayloadHash(), Sealed: o.sealed}, err
	case envelope.ForRecall:
		o.recall, o.fail = o.sealed.Recalled()
	case envelope.ForReceipt:
		o.receipt, o.fail = o.sealed.Receipted()
	case envelope.ForGrant:
		o.grant, o.fail = o.sealed.Granted()
	default:
		o.fail = fmt.Errorf("%w: a %s does not travel this way", envelope.ErrForm, o.sealed.Purpose)
	}
	if o.fail == nil && len(in.Proof) > 0 {
		if p, err := tlog.ParseProof(in.Proof); err == nil {
			o.witnessed, _ = l.Witnessed(o.sealed, p) // without a quorum it counts as not yet witnessed
		}
	}
	return o
}

// openBatch opens a batch on all processors, and writes what a recall in it will
// destroy to the list of destroyed keys before that happens.
func openBatch(ctx context.Context, a *App, actor access.Actor, c Receive) ([]opened, error) {
	if !access.Can(actor, access.ExchangeCarry, access.Thing{}) {
		return nil, fault.New(fault.NotFound, "fault.not_found")
	}
	l := a.Trust()
	if l == nil {
		return nil, fault.New(fault.Blocked, "dispatch.no_trust")
	}
	if _, ok := l.State(c.Sender); !ok || c.Sender == a.cfg.State {
		return nil, fault.New(fault.Denied, "dispatch.no_member")
	}
	if len(c.Envelopes) == 0 || len(c.Envelopes) > maxBatch {
		return nil, fault.New(fault.TooLarge, "dispatch.batch", "max", maxBatch)
	}
	all := make([]opened, len(c.Envelopes))
	var wg sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		wg.Go(func() {
			for i := w; i < len(all); i += workers {
				all[i] = openIncoming(c.Envelopes[i], l)
			}
		})
	}
	wg.Wait()
	return all, a.noteRecalled(ctx, all)
}

func (a *App) noteRecalled(ctx context.Context, all []opened) error {
	for _, o := range all {
		if o.fail != nil || o.recall == nil || o.recall.Disposal == envelope.Withhold || !slices.Contains(o.recall.From, a.cfg.State) {
			continue
		}
		var about []store.Envelope
		if err := a.db.View(ctx, func(t *store.Tx) (err error) {
			about, err = t.EnvelopesAbout(false, []string{o.recall.ID})
			return err
		}); err != nil {
			return fault.Wrap(err, "node: what a recall is about")
		}
		for _, e := range about {
			if recalls(o.recall, e) && e.Sealed != nil {
				if err := a.noteDestroyed(destroyed{StatementStream(e.ID), recallRule}); err != nil {
					return fault.Wrap(err, "node: list of destroyed keys")
				}
			}
		}
	}
	return nil
}

// recallRule is the rule under which content is erased when its originator takes
// it back.
const recallRule = "recalled by its originator"

func recalls(r *envelope.Recall, e store.Envelope) bool {
	return e.Purpose == string(envelope.ForStatement) && e.Issuer == r.Issuer && e.Version <= r.Version && e.State != store.Disposed && (e.State != store.Withheld || r.Disposal != envelope.Withhold)
}

// receiving is a batch on its way in.
type receiving struct {
	*Tx
	c      Receive
	list   *trust.List
	events []event.New
	about  map[string][]store.Envelope // statements and recalls that we hold, by object
	marks  map[string][]string         // by object of this batch, so that a report is found by whom it names
	tree   ledger.Accumulator
	kept   int64
	next   int64
	out    []Outcome

	seal    ledger.Sealer // over keys, so that those it makes wait with waiting
	keys    waitingKeys
	waiting []store.Envelope // kept and not written yet: many rows are written at once
}

// receive takes a batch in: each envelope by the rules of package sharing, all
// of them as one event.
func receive(t *Tx, c Receive, all []opened) error {
	if err := t.Must("", access.ExchangeCarry, access.Thing{}); err != nil {
		return err
	}
	r := &receiving{Tx: t, c: c, list: t.app.Trust(), about: map[string][]store.Envelope{}, marks: map[string][]string{}, out: make([]Outcome, len(all)), keys: waitingKeys{Tx: t.Tx}}
	r.seal = t.sealerOver(&r.keys)
	if err := r.gather(all); err != nil {
		return err
	}
	var recalls []opened
	for i, o := range all {
		if err := r.one(i, o); err != nil {
			return err
		}
		if o.recall != nil && r.out[i].Kept {
			recalls = append(recalls, o)
		}
	}
	if err := r.write(); err != nil {
		return err
	}
	t.Answer(r.out)
	if r.kept == 0 {
		return nil // nothing new: a peer that asks again leaves no trace
	}
	root := r.tree.Root()
	refused := int64(0)
	for _, o := range r.out {
		if o.Refused != "" {
			refused++
		}
	}
	stream := event.StreamOf(dispatch.KindBatch, c.Batch)
	first := event.New{Stream: stream, Event: dispatch.Received{Sender: c.Sender, Count: r.kept, Root: hex.EncodeToString(root[:]), Refused: refused}}
	if err := t.Append(append([]event.New{first}, r.events...)); err != nil {
		return err
	}
	if err := t.enqueue(jobAlert, jobAlert+"/"+c.Batch, alertJob{Batch: c.Batch}); err != nil {
		return err
	}
	for i, o := range recalls {
		if err := r.dispose(int64(i), o); err != nil {
			return err
		}
	}
	return nil
}

// gatherAtOnce bounds the ids of one question to the store.
const gatherAtOnce = 200

// gather reads what is here already and what is held of the objects.
func (r *receiving) gather(all []opened) error {
	var ids, objects []string
	for _, o := range all {
		if o.fail != nil {
			continue
		}
		ids = append(ids, o.id)
		switch {
		case o.version != nil:
			objects = append(objects, o.version.Statement.ID)
		case o.recall != nil:
			objects = append(objects, o.recall.ID)
		case o.grant != nil:
			objects = append(objects, o.grant.ID)
		}
	}
	slices.Sort(objects)
	for some := range slices.Chunk(slices.Compact(objects), gatherAtOnce) {
		about, err := r.EnvelopesAbout(false, some)
		if err != nil {
			return fault.Wrap(err, "node: what is held")
		}
		for _, e := range about {
			r.about[e.Object] = append(r.about[e.Object], e)
		}
	}
	owners := make([]event.Stream, len(ids))
	for i, id := range ids {
		owners[i] = StatementStream(id)
	}
	if err := r.FetchKeys(owners); err != nil {
		return fault.Wrap(err, "node: keys of what is here")
	}
	seen := map[string]bool{}
	for some := range slices.Chunk(ids, gatherAtOnce) {
		there, err := r.EnvelopesThere(some)
		if err != nil {
			return fault.Wrap(err, "node: what is here")
		}
		for id := range there {
			seen[id] = true
		}
	}
	for i, o := range all {
		if o.fail == nil {
			r.out[i].Had = seen[o.id]
			seen[o.id] = true // the same envelope twice in one batch
		}
	}
	last, err := r.LastEnvelope()
	r.next = last + 1
	return err
}

// one decides about one envelope and keeps it where it counts.
func (r *receiving) one(i int, o opened) error {
	out := &r.out[i]
	if out.Leaf = o.id; o.fail != nil || out.Had {
		if o.fail != nil {
			out.Refused = o.fail.Error()
		}
		return nil
	}
	e := store.Envelope{
		Seq: r.next, ID: o.id, Stream: event.StreamOf(dispatch.KindBatch, r.c.Batch), N: r.kept, Sender: r.c.Sender, Issuer: o.sealed.Header.Issuer,
		Purpose: string(o.sealed.Purpose), Came: r.Now(), Witnessed: o.witnessed,
	}
	payload := o.sealed.PayloadHash()
	e.Payload = payload[:]
	ctx := sharing.Context{List: r.list, Self: r.app.cfg.State, Now: r.Now(), Witnessed: o.witnessed}
	var err error
	switch {
	case o.version != nil:
		st := o.version.Statement
		e.Object, e.Version, e.Kind, e.TLP = st.ID, st.Version, o.version.Object.Type(), st.Handling.TLP
		e.About, e.Word = aboutOf(o.version.Object)
		e.Marks = r.marked(o.version.Object)
		err = r.statement(&e, o, ctx)
	case o.recall != nil:
		e.Object, e.Version, e.Kind = o.recall.ID, o.recall.Version, payload.String()
		issuer := o.recall.Issuer
		for _, held := range r.about[o.recall.ID] {
			if held.Purpose == string(envelope.ForStatement) && held.State != store.Contradicts {
				issuer = held.Issuer
			}
		}
		if err = r.list.Live(r.Now()); err == nil {
			err = sharing.AcceptRecall(o.recall, issuer, ctx)
		}
	case o.receipt != nil:
		e.Object, e.Version, e.Kind = o.receipt.ID, o.receipt.Version, o.receipt.Recall.String()
		err = r.receipt(o.receipt)
	case o.grant != nil:
		e.Object, e.Version = o.grant.ID, o.grant.Version
		if out.Had = slices.ContainsFunc(r.about[e.Object], func(h store.Envelope) bool {
			return o.grant.Relay != ctx.Self && string(h.Payload) == string(o.grant.Payload[:])
		}); out.Had {
			return nil // what it would bring is here
		}
		err = sharing.AcceptGrant(o.grant, r.c.Sender, ctx)
	}
	var refused sharing.Refusal
	if errors.As(err, &refused) || errors.Is(err, trust.ErrExpired) {
		out.Refused = err.Error()
		return nil
	} else if err != nil {
		return err
	}
	if e.Sealed, _, err = r.seal.Seal(StatementStream(e.ID), o.sealed.Bytes); err != nil {
		return fault.Wrap(err, "node: seal an envelope")
	}
	r.waiting = append(r.waiting, e)
	if o.grant != nil { // the statement it allows may be the next
		if err := r.write(); err != nil {
			return err
		}
	}
	out.Kept = true
	r.tree.Add(ledgerLeaf(e.ID))
	if o.grant == nil {
		r.about[e.Object] = append(r.about[e.Object], e)
	}
	r.kept++
	r.next++
	return nil
}

// statement holds a version against what is held of its object.
func (r *receiving) statement(e *store.Envelope, o opened, ctx sharing.Context) error {
	var held sharing.Held
	var latest *store.Envelope
	for i, h := range r.about[e.Object] {
		switch {
		case h.Purpose == string(envelope.ForRecall):
			if h.Issuer == e.Issuer {
				held.Recalled = max(held.Recalled, h.Version)
			}
		case h.State != store.Contradicts && h.Sealed != nil && (latest == nil || h.Version > latest.Version):
			latest = &r.about[e.Object][i]
		}
	}
	if latest != nil {
		if len(r.waiting) > 0 && latest.Seq >= r.waiting[0].Seq {
			if err := r.write(); err != nil {
				return err
			}
		}
		var err error
		if held.Latest, err = r.app.said(r.Tx.Tx, *latest); err != nil {
			return err
		}
	}
	var grants []*sharing.Granted
	if r.c.Sender != e.Issuer { // whoever relays to us sends the originator's grant along
		var err error
		if grants, err = r.app.heldGrants(r.Tx.Tx, e.Object, ctx.Now); err != nil {
			return err
		}
	}
	err := sharing.Accept(o.version, held, r.c.Sender, grants, ctx)
	if errors.Is(err, sharing.ErrEquivocation) {
		e.State = store.Contradicts
		r.events = append(r.events, event.New{Stream: e.Stream, Event: dispatch.Contradicted{Issuer: e.Issuer, Object: e.Object, Version: e.Version, Leaves: []string{latest.ID, e.ID}}})
		return nil
	}
	if err == nil && latest != nil && latest.State == store.Current {
		latest.State = store.Replaced
		return r.SetEnvelope(latest.ID, store.Replaced)
	}
	return err
}

// marked are the marks of an object, and of what it names in this batch.
func (r *receiving) marked(o *stix.Object) []string {
	marks := r.app.marksOf(o)
	r.marks[o.ID()] = marks
	if refs, ok := o.Root.Get("object_refs"); ok && o.Type() == "report" {
		for _, x := range refs.Items {
			marks = append(marks, r.marks[x.Text]...)
		}
		slices.Sort(marks)
		marks = slices.Compact(marks)
	}
	return marks
}

// receipt counts where it answers a recall of ours that went to its issuer.
func (r *receiving) receipt(c *envelope.Receipt) error {
	recall, found, err := r.RecallOf(c.Recall.String(), c.Issuer)
	switch {
	case err != nil:
		return err
	case !found || recall.Object != c.ID:
		return sharing.NotOurs
	case !r.list.Counts(c.Issuer, c.Key, time.Time{}, r.Now()):
		return sharing.Revoked
	}
	return nil
}

// dispose does what a recall asks and answers it with a receipt, which names as
// kept what went into something before.
func (r *receiving) dispose(n int64, o opened) error {
	c := o.recall
	d := dispatch.Disposed{Recall: o.id, Issuer: c.Issuer, Object: c.ID, Version: c.Version, Done: string(c.Disposal)}
	var leaves []envelope.Hash
	for _, e := range r.about[c.ID] {
		if !recalls(c, e) {
			continue
		}
		taken, _, err := load[*dispatch.Taken](r.Tx, StatementStream(e.ID))
		if err != nil {
			return err
		}
		d.Kept = append(d.Kept, taken.Kept()...)
		if leaf, err := hex.DecodeString(e.ID); err == nil {
			leaves = append(leaves, envelope.Hash(leaf))
		}
		d.Count++
		if c.Disposal == envelope.Withhold {
			err = r.SetEnvelope(e.ID, store.Withheld)
		} else if err = r.DisposeEnvelope(e.ID, c.Disposal == envelope.KeepMetadata); err == nil && e.Sealed != nil {
			err = r.destroy(StatementStream(e.ID), recallRule)
		}
		if err != nil {
			return fault.Wrap(err, "node: dispose of %s", e.ID)
		}
	}
	receipt := envelope.Receipt{ID: c.ID, Version: c.Version, Recall: o.sealed.PayloadHash(), Leaves: leaves, Issued: stixTime(r.Now()), Done: c.Disposal}
	for _, k := range d.Kept {
		receipt.Kept = append(receipt.Kept, envelope.Kept(k))
	}
	stream := event.StreamOf(dispatch.KindBatch, r.c.Batch)
	made, err := r.issue(stream, n, []string{c.Issuer}, store.Envelope{Purpose: string(envelope.ForReceipt), Object: c.ID, Version: c.Version, Kind: receipt.Recall.String()},
		func(h envelope.Header) any { receipt.Header = h; return receipt })
	if err != nil {
		return err
	}
	d.Receipt = made.ID
	return r.Append([]event.New{{Stream: stream, Event: d}})
}
