package exchange

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/comity-project/comity/internal/exchange/member"
	"github.com/comity-project/comity/statement/envelope"
	"github.com/comity-project/comity/statement/sharing"
	"github.com/comity-project/comity/statement/stix"
	"github.com/comity-project/comity/statement/trust"
)

// clock is a clock that lies ahead of or behind the true time.
type clock struct {
	mu     sync.Mutex
	offset time.Duration
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.offset)
}

func (c *clock) set(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset = d
}

// node is a node in memory with its part in the exchange, on loopback.
type node struct {
	*inside
	clock  clock
	dir    string
	listen net.Listener
	peers  *Peers
	stop   func()
}

// community is nodes that trust each other.
type community struct {
	t       testing.TB
	nodes   map[string]*node
	states  []string
	roots   []*envelope.PrivateKey
	version int64
	wire    *wire
}

// wire loses connections.
type wire struct {
	mu   sync.Mutex
	lose func(from, address string) bool
}

func (w *wire) dial(from string) Dial {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		w.mu.Lock()
		lost := w.lose != nil && w.lose(from, address)
		w.mu.Unlock()
		if lost {
			return nil, errors.New("the wire lost it")
		}
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}
}

var quick = Times{Look: 5 * time.Millisecond, Pull: 100 * time.Millisecond, First: 10 * time.Millisecond, Most: 50 * time.Millisecond, Trust: 20 * time.Millisecond, Head: 30 * time.Millisecond}

// newCommunity makes nodes; they do not run yet.
func newCommunity(t testing.TB, states ...string) *community {
	t.Helper()
	slices.Sort(states)
	c := &community{t: t, nodes: map[string]*node{}, states: states, wire: &wire{}}
	for i := range 3 {
		k, err := envelope.NewKey(bytes.Repeat([]byte{byte(200 + i)}, 32), nil)
		if err != nil {
			t.Fatal(err)
		}
		c.roots = append(c.roots, k)
	}
	for _, state := range states {
		n := &node{dir: t.TempDir()}
		var err error
		if n.listen, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if n.listen != nil { // it was never started
				_ = n.listen.Close()
			}
		})
		m, err := member.Create(n.dir, member.Options{State: state, Name: state + ".example", Address: "https://" + n.listen.Addr().String(), Now: time.Now()})
		if err != nil {
			t.Fatal(err)
		}
		key, err := envelope.NewKey(seed(), nil)
		if err != nil {
			t.Fatal(err)
		}
		n.inside = newInside(t, m, key, n.clock.now)
		c.nodes[state] = n
	}
	c.trust(states...)
	return c
}

func newInside(t testing.TB, m *member.Member, key *envelope.PrivateKey, now func() time.Time) *inside {
	return &inside{m: m, key: key, now: now, t: t, log: logKey(t, m.State()+".example/log", key), held: map[string]sharing.Held{}, peers: map[string]Peer{}, seen: map[envelope.Hash]bool{}, theirs: map[string][]version{}, grants: map[envelope.Hash][]*sharing.Granted{}}
}

// trust installs the next list with these states everywhere.
func (c *community) trust(states ...string) {
	c.t.Helper()
	c.trustOf("", states...)
}

// trustOf installs the next list at one node alone, or everywhere.
func (c *community) trustOf(at string, states ...string) {
	c.t.Helper()
	c.version++
	l := trust.List{
		Header:  envelope.Header{Community: "coc", Issuer: "roots", Key: "roots", Salt: seed()},
		Version: c.version, Issued: stix.FormatTime(time.Now().Add(-time.Hour)), Expires: stix.FormatTime(time.Now().Add(100 * 24 * time.Hour)), K: 2,
	}
	for i, k := range c.roots {
		l.Roots = append(l.Roots, trust.Root{Name: fmt.Sprint("root", i), Key: k.Public()})
	}
	for _, state := range states {
		n := c.nodes[state]
		id := n.key.Public().ID()
		_, vkey, err := note.GenerateKey(bytes.NewReader(bytes.Repeat([]byte(id), 10)), state+".example/log")
		if err != nil {
			c.t.Fatal(err)
		}
		card, err := n.m.Card(member.Saying{Statements: []trust.Key{{Key: n.key.Public()}}, Log: vkey})
		if err != nil {
			c.t.Fatal(err)
		}
		l.States = append(l.States, card)
	}
	payload, err := envelope.Marshal(l)
	if err != nil {
		c.t.Fatal(err)
	}
	sealed, err := envelope.Seal(envelope.ForTrustList, payload, c.roots[0], c.roots[2])
	if err != nil {
		c.t.Fatal(err)
	}
	s, err := envelope.Parse(sealed)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, state := range states {
		if at != "" && at != state {
			continue
		}
		n := c.nodes[state]
		list, err := n.m.Install(sealed, s.PayloadHash().String(), time.Now())
		if err != nil {
			c.t.Fatal(err)
		}
		n.UseTrust(list)
	}
}

// start runs a node; its stop ends it.
func (c *community) start(state string) *node {
	c.t.Helper()
	return c.startWith(state, quick)
}

func (c *community) startWith(state string, times Times) *node {
	c.t.Helper()
	n := c.nodes[state]
	n.peers = New(n.m, n.inside, Options{Times: times, Now: n.clock.now, Log: slog.New(slog.DiscardHandler), Dial: c.wire.dial(state)})
	if n.listen == nil {
		var err error
		if n.listen, err = net.Listen("tcp", c.address(state)); err != nil {
			c.t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	server := n.peers.Server()
	listen := n.listen
	var all sync.WaitGroup
	all.Go(func() { _ = server.ServeTLS(listen, "", "") })
	all.Go(func() { n.peers.Run(ctx) })
	n.stop = sync.OnceFunc(func() {
		cancel()
		_ = server.Close()
		all.Wait()
		n.peers.Close()
		n.listen = nil
	})
	c.t.Cleanup(n.stop)
	return n
}

// kill ends a node as kill -9 does: nothing it was about to do is waited for, and
// what comes back has only what was written until then.
func (c *community) kill(state string) {
	n := c.nodes[state]
	dead := n.inside
	dead.mu.Lock()
	n.inside = dead.copied()
	dead.fail = errors.New("killed") // what its last words reach is gone
	dead.mu.Unlock()
	n.stop()
}

func (c *community) address(state string) string {
	card, ok := c.nodes[c.states[0]].m.List().State(state)
	if !ok {
		c.t.Fatal("no state", state)
	}
	return card.Address[len("https://"):]
}

func (c *community) startAll() {
	for _, s := range c.states {
		c.start(s)
	}
}

// until waits for something that must come.
func until(t testing.TB, what string, f func() bool) {
	t.Helper()
	for end := time.Now().Add(90 * time.Second); !f(); {
		if time.Now().After(end) {
			t.Fatal("never came: ", what)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

const object = "tool--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3"

// call sends a request as a peer would, with changes before it is signed and
// after.
func (n *node) ask(t testing.TB, to, method, path string, body []byte) ([]byte, error) {
	t.Helper()
	return n.peers.ask(context.Background(), to, method, path, mediaJSON, body)
}
