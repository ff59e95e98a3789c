package exchange

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/comity-project/comity/internal/exchange/member"
	"github.com/comity-project/comity/statement/envelope"
	"github.com/comity-project/comity/statement/sharing"
	"github.com/comity-project/comity/statement/stix"
	"github.com/comity-project/comity/statement/tlog"
	"github.com/comity-project/comity/statement/trust"
)

// inside is a node in memory: enough of one to be moved about by the exchange.
// It keeps the rules of package sharing as a real one does.
type inside struct {
	m   *member.Member
	key *envelope.PrivateKey
	now func() time.Time
	t   testing.TB
	log note.Signer

	mu      sync.Mutex
	list    *trust.List
	own     []outgoing
	held    map[string]sharing.Held
	theirs  map[string][]version // by issuer, of others, as they came
	came    int64
	grants  map[envelope.Hash][]*sharing.Granted // that we took in, by version
	peers   map[string]Peer
	seen    map[envelope.Hash]bool
	alarms  int
	relayed int
	taken   []string // ids and versions, as they came
	handed  []handed // the versions among them
	fail    error    // what Receive says

	nodes  hashes
	size   int64
	logged int
	head   []byte
	epoch  int64
	losses []string
}

// version is a version and its number among those that came.
type version struct {
	n int64
	v *sharing.Version
}

// handed is a version that was taken in.
type handed struct {
	id      string
	version int64
	from    string
	at      time.Time // by the true clock
}

type outgoing struct {
	at   time.Time // by the true clock
	to   []string
	item Item
	v    *sharing.Version
}

type hashes struct{ all []tlog.Hash }

func (h *hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		if x >= int64(len(h.all)) {
			return nil, errors.New("no such node")
		}
		out[i] = h.all[x]
	}
	return out, nil
}

func (h *hashes) Append(more []tlog.Hash) error {
	h.all = append(h.all, more...)
	return nil
}

func seed() []byte {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails
	return b
}

// copied is what of a node is on disk; the lock is held.
func (n *inside) copied() *inside {
	c := newInside(n.t, n.m, n.key, n.now)
	c.list, c.log, c.head, c.size, c.logged, c.epoch = n.list, n.log, n.head, n.size, n.logged, n.epoch
	c.held, c.peers, c.seen = maps.Clone(n.held), maps.Clone(n.peers), maps.Clone(n.seen)
	c.own, c.theirs, c.grants = slices.Clone(n.own), maps.Clone(n.theirs), maps.Clone(n.grants)
	c.came = n.came
	c.handed = slices.Clone(n.handed)
	c.taken, c.losses, c.nodes.all = slices.Clone(n.taken), slices.Clone(n.losses), slices.Clone(n.nodes.all)
	c.alarms, c.relayed = n.alarms, n.relayed
	return c
}

func (n *inside) UseTrust(l *trust.List) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.list = l
}

func (n *inside) Outgoing(_ context.Context, to string, after int64, limit int) (items []Item, next int64, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	next = after
	for _, o := range n.own[after:] {
		if len(items) == limit {
			break
		}
		next++
		if !slices.Contains(o.to, to) {
			continue
		}
		if o.v != nil && sharing.Pass(o.v, n.held[o.v.Statement.ID], to, nil, n.context()) != nil {
			continue
		}
		items = append(items, o.item)
	}
	return items, next, nil
}

// Proofs are the real node's: see the tests of package node and of the program.

func (n *inside) Unproved(context.Context, string, int) ([]string, error) { return nil, nil }

func (n *inside) Proof(_ context.Context, to, id string) ([]byte, error) {
	return []byte(to + " " + id), nil
}

func (n *inside) Proved(context.Context, string, []byte) error { return nil }

func (n *inside) context() sharing.Context {
	return sharing.Context{List: n.list, Self: n.m.State(), Now: n.now()}
}

func (n *inside) Addressed(_ context.Context, after int64) (states []string, last int64, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, o := range n.own[max(after, 0):] {
		states = append(states, o.to...)
	}
	slices.Sort(states)
	return slices.Compact(states), int64(len(n.own)), nil
}

func (n *inside) Peer(_ context.Context, state string) (Peer, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	p := n.peers[state]
	p.State = state
	return p, nil
}

func (n *inside) KeepPeer(_ context.Context, p Peer) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.peers[p.State] = p
	return nil
}

func (n *inside) Receive(_ context.Context, from string, items []Item) (taken Taken, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.fail != nil {
		return Taken{}, n.fail
	}
	for _, item := range items {
		isNew, err := n.one(from, item.Envelope)
		switch {
		case errors.Is(err, sharing.Future):
			taken.Later = true
		case errors.Is(err, sharing.ErrEquivocation):
			n.alarms++
		case err != nil:
			taken.Refused = append(taken.Refused, err.Error())
		case isNew:
			taken.New++
		}
	}
	return taken, nil
}

func (n *inside) one(from string, b []byte) (bool, error) {
	s, err := envelope.Open(b, n.list)
	if err != nil {
		return false, err
	}
	if n.seen[s.PayloadHash()] {
		return false, nil
	}
	switch s.Purpose {
	case envelope.ForStatement:
		v, err := sharing.Open(b, n.list)
		if err != nil {
			return false, err
		}
		held := n.held[v.Statement.ID]
		if err := sharing.Accept(v, held, from, n.grants[v.Payload], n.context()); err != nil {
			return false, err
		}
		if from != v.Statement.Issuer {
			n.relayed++
		}
		n.came++
		n.theirs[v.Statement.Issuer] = append(n.theirs[v.Statement.Issuer], version{n.came, v})
		held.Latest = v
		n.held[v.Statement.ID] = held
		n.taken = append(n.taken, fmt.Sprint(v.Statement.ID, " ", v.Statement.Version))
		n.handed = append(n.handed, handed{v.Statement.ID, v.Statement.Version, from, time.Now()})
	case envelope.ForRecall:
		r, err := s.Recalled()
		if err != nil {
			return false, err
		}
		if err := sharing.AcceptRecall(r, from, n.context()); err != nil {
			return false, err
		}
		held := n.held[r.ID].Receive(r)
		if held.Latest != nil && held.Latest.Statement.Version <= r.Version {
			held.Latest = nil // a later one may have come first, through another
		}
		n.held[r.ID] = held
		n.say(envelope.ForReceipt, []string{from}, false, func(h envelope.Header) any {
			return envelope.Receipt{Header: h, ID: r.ID, Version: r.Version, Recall: s.PayloadHash(), Issued: stix.FormatTime(n.now()), Done: r.Disposal}
		})
		n.taken = append(n.taken, fmt.Sprint("recall ", r.ID, " ", r.Version))
	case envelope.ForReceipt:
		r, err := s.Receipted()
		if err != nil {
			return false, err
		}
		n.taken = append(n.taken, fmt.Sprint("receipt ", r.ID, " ", r.Version, " ", r.Issuer))
	case envelope.ForGrant:
		g, err := sharing.OpenGrant(b, n.list)
		if err != nil {
			return false, err
		}
		if err := sharing.AcceptGrant(g.Grant, from, n.context()); err != nil {
			return false, err
		}
		n.grants[g.Grant.Payload] = append(slices.DeleteFunc(n.grants[g.Grant.Payload], func(g *sharing.Granted) bool { return !g.Fresh(n.now().Add(-sharing.Skew)) }), g)
	default:
		return false, errors.New("not taken here")
	}
	n.seen[s.PayloadHash()] = true
	return true, nil
}

func (n *inside) Passable(_ context.Context, of, to string, after int64, limit int) (out []Passing, next int64, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	next = after
	all := n.theirs[of]
	i, _ := slices.BinarySearchFunc(all, after+1, func(h version, n int64) int { return cmp.Compare(h.n, n) })
	for _, h := range all[i:] {
		if len(out) == limit {
			break
		}
		next = h.n
		v, st := h.v, h.v.Statement
		p := Passing{Item: Item{Seq: next, Envelope: v.Sealed.Bytes}, Wanted: Wanted{ID: st.ID, Version: st.Version, Payload: v.Payload}}
		err := sharing.Pass(v, n.held[st.ID], to, nil, n.context())
		for _, g := range n.grants[v.Payload] {
			if err == nil {
				break
			}
			if err = sharing.Pass(v, n.held[st.ID], to, []*sharing.Granted{g}, n.context()); err == nil {
				p.Grant = g.Signed
			}
		}
		if err == nil || errors.Is(err, sharing.NoGrant) {
			out = append(out, p)
		}
	}
	return out, next, nil
}

func (n *inside) Grant(_ context.Context, relay, to string, wanted []Wanted) ([][]byte, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	out := make([][]byte, len(wanted))
	for i, w := range wanted {
		held := n.held[w.ID]
		if v := held.Latest; v == nil || v.Payload != w.Payload || sharing.MayGrant(v, held, relay, []string{to}, n.context()) != nil {
			continue
		}
		out[i] = n.say(envelope.ForGrant, nil, false, func(h envelope.Header) any {
			return envelope.Grant{Header: h, ID: w.ID, Version: w.Version, Payload: w.Payload, Relay: relay, Recipients: []string{to}, Issued: stix.FormatTime(n.now())}
		}).Bytes
	}
	return out, nil
}

// say signs and addresses; the lock is held.
func (n *inside) say(p envelope.Purpose, to []string, secret bool, payload func(envelope.Header) any) *envelope.Sealed {
	n.t.Helper()
	b, err := envelope.Marshal(payload(envelope.Header{Community: n.list.Community, Issuer: n.m.State(), Key: n.key.Public().ID(), Salt: seed()}))
	if err != nil {
		n.t.Fatal(err)
	}
	signed, err := envelope.Seal(p, b, n.key)
	if err != nil {
		n.t.Fatal(err)
	}
	s, err := envelope.Parse(signed)
	if err != nil {
		n.t.Fatal(err)
	}
	o := outgoing{at: time.Now(), to: to, item: Item{Seq: int64(len(n.own)) + 1, Envelope: signed, Secret: secret}}
	if p == envelope.ForStatement {
		if o.v, err = sharing.Open(signed, n.list); err != nil {
			n.t.Fatal(err)
		}
		n.held[o.v.Statement.ID] = sharing.Held{Latest: o.v}
	}
	n.own = append(n.own, o)
	return s
}

// tool is a valid object of the state, marked.
func tool(m *member.Member, id string, modified time.Time, tlp stix.TLP) []byte {
	at := stix.FormatTime(modified)
	return fmt.Appendf(nil, `{"created":"2026-01-02T03:04:05.678Z","created_by_ref":%q,"id":%q,"modified":%q,"name":"x","object_marking_refs":[%q],"spec_version":"2.1","type":"tool"}`,
		m.Identity(), id, at, tlp.ID())
}

// issue makes the next version of an object for an audience.
func (n *inside) issue(id string, tlp stix.TLP, level string, to ...string) {
	n.t.Helper()
	n.mu.Lock()
	defer n.mu.Unlock()
	slices.Sort(to)
	at := n.now()
	st := envelope.Statement{ID: id, Version: 1, Issued: stix.FormatTime(at), Handling: envelope.Handling{TLP: level, Audience: to}}
	if old := n.held[id].Latest; old != nil {
		st.Version, st.Previous = old.Statement.Version+1, old.Payload
		if before := stix.VersionOf(old.Object).Modified.Add(time.Millisecond); at.Before(before) {
			at = before // versions bear times of their own
		}
	}
	st.Object = tool(n.m, id, at, tlp)
	n.say(envelope.ForStatement, to, level == "red", func(h envelope.Header) any { st.Header = h; return st })
}

// recall takes an object back from states.
func (n *inside) recall(id string, from ...string) {
	n.t.Helper()
	n.mu.Lock()
	defer n.mu.Unlock()
	v := n.held[id].Latest.Statement.Version
	slices.Sort(from)
	n.say(envelope.ForRecall, from, false, func(h envelope.Header) any {
		return envelope.Recall{Header: h, ID: id, Version: v, From: from, Issued: stix.FormatTime(n.now()), Disposal: envelope.Erase}
	})
}

func (n *inside) has(what string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Contains(n.taken, what)
}

func (n *inside) AdvanceLog(context.Context) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	var leaves []tlog.Hash
	for _, o := range n.own[n.logged:] {
		s, err := envelope.Parse(o.item.Envelope)
		if err != nil {
			return err
		}
		leaves = append(leaves, tlog.Leaf([32]byte(s.Header.Salt), s.Hash()))
	}
	n.logged = len(n.own)
	return n.add(leaves)
}

func (n *inside) add(leaves []tlog.Hash) error {
	leaves = append(leaves, tlog.Dummy([64]byte(append(seed(), seed()...))))
	var err error
	if n.size, err = tlog.Add(&n.nodes, n.size, leaves); err != nil {
		return err
	}
	root, err := tlog.Root(&n.nodes, n.size)
	if err != nil {
		return err
	}
	n.head, err = tlog.Checkpoint{Origin: n.log.Name(), Size: n.size, Root: root}.Sign(n.log)
	return err
}

func (n *inside) LogHead(context.Context) ([]byte, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.head, nil
}

func (n *inside) LogRoot(_ context.Context, size int64) (tlog.Hash, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return tlog.Root(&n.nodes, size)
}

func (n *inside) LogConsistency(_ context.Context, size, later int64) ([]tlog.Hash, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return tlog.Consistency(&n.nodes, later, size)
}

func (n *inside) LogTile(_ context.Context, t tlog.Tile) ([]byte, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return t.Read(&n.nodes, n.size)
}

func (n *inside) Cosigned(_ context.Context, head []byte) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if bytes.HasPrefix(head, bytes.SplitAfter(n.head, []byte("\n\n"))[0]) {
		n.head = head
	}
	return nil
}

func (n *inside) BeginEpoch(_ context.Context, epoch int64, lost string) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.losses, n.epoch = append(n.losses, lost), epoch
	n.nodes, n.size, n.logged = hashes{}, 0, 0
	skey := logKey(n.t, trust.Origin(n.m.State()+".example/log", epoch), n.key)
	n.log = skey
	return n.add(nil)
}

// logKey is a signer under an origin, of a key of its own that follows from the
// node's, as it does in a node.
func logKey(t testing.TB, origin string, k *envelope.PrivateKey) note.Signer {
	t.Helper()
	id := k.Public().ID()
	skey, _, err := note.GenerateKey(bytes.NewReader(bytes.Repeat([]byte(id), 10)), origin)
	if err != nil {
		t.Fatal(err)
	}
	s, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
