// Package exchange moves signed envelopes between the nodes of a community, and
// cosignatures of their logs. It decides nothing about what may be said to whom:
// that is the node's, behind Inside.
//
// A node tells another only that there is something new; what it is, the other
// one pulls, in the order of the sender's numbers, from where it stopped. So a
// node that was away catches up, and a lost word costs a delay and nothing else.
// Recalls and receipts travel as statements do.
//
// Every connection is TLS 1.3 on both sides with certificates that the trust
// list pins to a state; every request and every answer is signed over its
// content (httpsig); what is for named people is encrypted for the receiving
// node (member.Encrypt). A peer is taken for hostile: what it sends is bounded
// in size and in time, what it asks is bounded in number.
package exchange

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/comity-project/comity/internal/exchange/httpsig"
	"github.com/comity-project/comity/internal/exchange/member"
	"github.com/comity-project/comity/statement/trust"
)

// Item is an envelope on its way.
type Item struct {
	Seq      int64  // the sender's number
	Envelope []byte // as it was signed
	Proof    []byte // that it is in its issuer's log, C2SP tlog-proof; may come later
	Secret   bool   // for named people: the receiving node alone may read it on the way
}

// Taken says what became of items that were handed in.
type Taken struct {
	New     int      // kept now
	Refused []string // why others were not taken, one line each
	// Later is set where an item may be taken at another time, as one dated by a
	// clock that is ahead: it is asked for again.
	Later bool
}

// Peer is what a node remembers of another.
type Peer struct {
	State   string
	Cursor  string        // where its outbox was read to: its own word, opaque to us
	Reached time.Time     // last answer
	Failed  time.Time     // first failure since
	Why     string        // of the last failure
	Skew    time.Duration // how far its clock is ahead of ours
	Refused int64         // items of its that were not taken
	Refusal string        // the last reason
}

// Inside is the node whose envelopes are moved.
type Inside interface {
	// Outgoing gives what a state may have now, after a number, in order: at most
	// limit items, and the number to go on after. What the state may no longer
	// have is passed over.
	Outgoing(ctx context.Context, to string, after int64, limit int) (items []Item, next int64, err error)
	// Receive takes in what a state handed over.
	Receive(ctx context.Context, from string, items []Item) (Taken, error)
	// Unproved gives ids of what a state handed over that no quorum of witnesses is
	// known to have seen in its log.
	Unproved(ctx context.Context, from string, limit int) ([]string, error)
	// Proof is what a state is given as proof for something that it has from us;
	// nil where there is none, or where it has no such thing.
	Proof(ctx context.Context, to, id string) ([]byte, error)
	// Proved takes such a proof in.
	Proved(ctx context.Context, id string, proof []byte) error

	// Passable gives what of another state's a third may have from us, after a
	// number and in order, with the grant of its originator where one in force is
	// here; next as in Outgoing.
	Passable(ctx context.Context, of, to string, after int64, limit int) (out []Passing, next int64, err error)
	// Grant decides which versions of ours relay may hand to a state, and signs
	// that; an empty one says no.
	Grant(ctx context.Context, relay, to string, wanted []Wanted) ([][]byte, error)

	// Addressed gives the states for which there is something after a number, and
	// the last number.
	Addressed(ctx context.Context, after int64) (states []string, last int64, err error)

	// Peer and KeepPeer read and write what is remembered of a peer.
	Peer(ctx context.Context, state string) (Peer, error)
	KeepPeer(ctx context.Context, p Peer) error

	// UseTrust takes up the trust list.
	UseTrust(l *trust.List)

	Log
}

// Bounds.
const (
	maxItems    = 1000
	maxPage     = 8 << 20  // bytes of envelopes in a page
	maxAnswer   = 16 << 20 // bytes of an answer: a page in base64
	maxAsked    = 1 << 20  // bytes of a request
	maxEnvelope = 2 << 20

	perSecond = 50 // requests of one peer
	burst     = 200
	atOnce    = 4 // requests of one peer that are answered at the same time
	maxNonces = 100_000
)

// Times say how often things are done. The zero value is for a node at work.
type Times struct {
	Look  time.Duration // for what is new here
	Pull  time.Duration // from a peer that has not called
	First time.Duration // after a failure; doubled with each
	Most  time.Duration // between two attempts
	Trust time.Duration // for a new trust list on disk
	Head  time.Duration // between two heads of the log, at fixed times
	Wait  time.Duration // for a connection, and for an answer to begin
	Whole time.Duration // one request with its answer, at most
}

func (t Times) or() Times {
	for _, d := range []struct {
		is    *time.Duration
		other time.Duration
	}{{&t.Look, 200 * time.Millisecond}, {&t.Pull, time.Minute}, {&t.First, time.Second}, {&t.Most, 5 * time.Minute}, {&t.Trust, 10 * time.Second}, {&t.Head, 5 * time.Minute}, {&t.Wait, 20 * time.Second}, {&t.Whole, time.Minute}} {
		if *d.is == 0 {
			*d.is = d.other
		}
	}
	return t
}

// Options complete a node's part in the exchange.
type Options struct {
	Addresses map[string]string // of peers, by state, in place of those of the trust list
	Times     Times
	Now       func() time.Time // nil means time.Now
	Log       *slog.Logger     // nil means slog.Default
	// Dial connects to a peer, for tests; nil means the network.
	Dial Dial
}

// Peers is a node's part in the exchange.
type Peers struct {
	member *member.Member
	inside Inside
	o      Options
	log    *slog.Logger
	nonces *httpsig.Nonces

	mu      sync.Mutex
	clients map[string]*client       // by state
	asking  map[string]*budget       // by state
	hints   map[string]chan struct{} // by state: pull from it now
	proved  map[string]time.Time     // by state: when it was asked for proofs
	relays  relaying
	look    chan struct{} // look for what is new here
	witness witnessing
}

// New makes a node's part in the exchange. Handler serves it, Run keeps it going.
func New(m *member.Member, inside Inside, o Options) *Peers {
	o.Times = o.Times.or()
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return &Peers{
		member: m, inside: inside, o: o, log: o.Log, nonces: httpsig.NewNonces(maxNonces),
		clients: map[string]*client{}, asking: map[string]*budget{}, hints: map[string]chan struct{}{}, proved: map[string]time.Time{}, look: make(chan struct{}, 1),
		relays: relaying{places: map[relayed]string{}, passed: map[relayed]passed{}},
	}
}

// Close ends the connections that are kept for later.
func (p *Peers) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.clients {
		c.http.CloseIdleConnections()
	}
}

// others are the ids of the other states.
func (p *Peers) others() (ids []string) {
	if l := p.member.List(); l != nil {
		for _, s := range l.States {
			if s.ID != p.member.State() {
				ids = append(ids, s.ID)
			}
		}
	}
	return ids
}

// hint is the channel that wakes the puller of a state.
func (p *Peers) hint(state string) chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	c, ok := p.hints[state]
	if !ok {
		c = make(chan struct{}, 1)
		p.hints[state] = c
	}
	return c
}

// wake fills a channel of one place: what is not yet seen to needs no second call.
func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Wake says that there is something new to tell, ahead of the next look.
func (p *Peers) Wake() { wake(p.look) }

// Run pulls from peers and tells them of what is new until the context ends.
func (p *Peers) Run(ctx context.Context) {
	var all sync.WaitGroup
	all.Go(func() { p.tell(ctx) })
	all.Go(func() { p.gather(ctx) })
	following := map[string]context.CancelFunc{}
	for {
		if err := p.member.Reload(p.o.Now()); err != nil {
			p.log.Error("the trust list can't be read", "err", err)
		}
		p.inside.UseTrust(p.member.List())
		now := p.others()
		for _, state := range now {
			if following[state] == nil {
				mine, stop := context.WithCancel(ctx)
				following[state] = stop
				all.Go(func() { p.follow(mine, state) })
			}
		}
		for _, state := range slices.Collect(maps.Keys(following)) {
			if !slices.Contains(now, state) {
				following[state]()
				delete(following, state)
			}
		}
		if !pause(ctx, p.o.Times.Trust, nil) {
			break
		}
	}
	for _, stop := range following {
		stop()
	}
	all.Wait()
}

// pause waits for a time or for a word; false when the context has ended.
func pause(ctx context.Context, d time.Duration, word <-chan struct{}) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
	case <-word:
	}
	return true
}

// tell calls the states for which there is something new.
func (p *Peers) tell(ctx context.Context) {
	last := int64(-1)
	for {
		states, now, err := p.inside.Addressed(ctx, last)
		switch {
		case err != nil && ctx.Err() == nil:
			p.log.Error("what is new can't be read", "err", err)
		case err == nil && last >= 0:
			var all sync.WaitGroup
			for _, state := range states {
				if state != p.member.State() {
					all.Go(func() { p.call(ctx, state) })
				}
			}
			all.Wait()
		}
		if err == nil {
			last = now // at the start peers ask by themselves
		}
		if !pause(ctx, p.o.Times.Look, p.look) {
			return
		}
	}
}

// call tells a peer that there is something new. One that can't be reached will
// ask when it is back.
func (p *Peers) call(ctx context.Context, state string) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if _, err := p.ask(ctx, state, http.MethodPost, pathHint, mediaJSON, []byte("{}")); err != nil && ctx.Err() == nil {
		p.log.Debug("a peer was not called", "state", state, "err", err)
	}
}

// errGone is given where a state is no longer in the trust list.
var errGone = errors.New("exchange: the trust list has no such state")
