package exchange

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/comity-project/comity/statement/stix"
)

// A node that was away catches up by itself, with clocks that differ and a wire
// that loses every second connection; one that starts anew is spoken to without
// a word from anybody.
func TestCatchUp(t *testing.T) {
	c := newCommunity(t, "XA", "XB", "XC")
	a, b := c.nodes["XA"], c.nodes["XB"]
	a.clock.set(4 * time.Minute)
	b.clock.set(-50 * time.Second)
	r := rand.New(rand.NewPCG(1, 2))
	c.wire.lose = func(string, string) bool { return r.IntN(2) == 0 } // under the wire's lock
	c.start("XA")
	for i := range 40 {
		a.issue(fmt.Sprintf("%s%x", object[:len(object)-1], 0x10+i), stix.Amber, "amber", "XB")
	}
	c.start("XB")
	all := func(n *node, count int) func() bool {
		return func() bool { n.mu.Lock(); defer n.mu.Unlock(); return len(n.taken) == count }
	}
	until(t, "forty statements", all(b, 40))
	b.stop()
	a.issue(object+"1", stix.Amber, "amber", "XB")
	a.stop()
	a.issue(object+"2", stix.Amber, "amber", "XB")
	c.start("XB")
	c.start("XA")
	until(t, "what was said meanwhile", all(b, 42))
	if p, _ := b.Peer(context.Background(), "XA"); p.Refused != 0 {
		t.Error(p)
	}
	until(t, "the difference of the clocks", func() bool {
		p, _ := b.Peer(context.Background(), "XA")
		return (p.Skew - 290*time.Second).Abs() < 15*time.Second
	})
}

// A clock more than five minutes away is told, and nothing is lost once it is
// set right.
func TestSkew(t *testing.T) {
	c := newCommunity(t, "XA", "XB")
	a, b := c.nodes["XA"], c.nodes["XB"]
	a.clock.set(9 * time.Minute)
	c.startAll()
	a.issue(object+"1", stix.Amber, "amber", "XB")
	until(t, "a word about it", func() bool {
		p, _ := b.Peer(context.Background(), "XA")
		return p.Why != ""
	})
	if b.has(object + "1 1") {
		t.Fatal("taken in")
	}
	a.clock.set(4 * time.Minute)
	// What was signed by the fast clock is still dated in the future: it waits.
	until(t, "the wait", func() bool {
		p, _ := b.Peer(context.Background(), "XA")
		return strings.Contains(p.Why, "future")
	})
	b.clock.set(5 * time.Minute)
	until(t, "the statement", func() bool { return b.has(object + "1 1") })
}

// A node restored from before its last witnessed head says so and goes on in a
// new epoch; its witnesses take that up.
func TestRestored(t *testing.T) {
	c := newCommunity(t, "XA", "XB", "XC", "XD")
	a := c.nodes["XA"]
	c.startAll()
	a.issue(object+"1", stix.Amber, "amber", "XB")
	cosigned := func() bool {
		a.mu.Lock()
		defer a.mu.Unlock()
		return a.size > 2 && bytes.Count(a.head, []byte("\n\u2014 ")) == 4
	}
	until(t, "cosignatures", cosigned)
	a.stop()
	// The database is that of an hour ago: no log yet. The keys lie elsewhere.
	a.inside.nodes, a.inside.size, a.inside.head, a.inside.logged, a.inside.own = hashes{}, 0, nil, 0, nil
	c.start("XA")
	// Its numbers begin anew, and nothing of what it says now is lost for it.
	a.issue(object+"2", stix.Amber, "amber", "XB")
	until(t, "what was said after the restore", func() bool { return c.nodes["XB"].has(object + "2 1") })
	until(t, "a new epoch", func() bool {
		a.mu.Lock()
		defer a.mu.Unlock()
		return a.epoch == 2 && strings.Contains(a.losses[0], "XA.example/log")
	})
	until(t, "cosignatures of the new epoch", cosigned)
	a.stop()
	a.mu.Lock()
	if !bytes.HasPrefix(a.head, []byte("XA.example/log/epoch/2\n")) {
		t.Errorf("%s", a.head)
	}
	a.mu.Unlock()
	c.start("XA") // nothing was lost now
	until(t, "more", cosigned)
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.losses) != 1 {
		t.Error(a.losses)
	}
}

// Witnesses that hide what they cosigned are outvoted.
func TestEnough(t *testing.T) {
	for n, want := range map[int]int{0: 0, 1: 1, 2: 1, 3: 2, 4: 3, 6: 4, 23: 15} {
		if got := enough(n); got != want {
			t.Errorf("%d witnesses: %d, want %d", n, got, want)
		}
	}
}

// A new trust list travels from peer to peer; who is not in it is cut off.
func TestTrustTravels(t *testing.T) {
	c := newCommunity(t, "XA", "XB", "XC")
	c.startAll()
	a, b := c.nodes["XA"], c.nodes["XB"]
	until(t, "a first answer", func() bool { p, _ := b.Peer(context.Background(), "XA"); return !p.Reached.IsZero() })
	c.trustOf("XA", "XA", "XB") // installed at XA alone
	until(t, "the list at XB", func() bool { return b.m.List().Version == 2 })
	until(t, "XC to be shut out", func() bool { p, _ := c.nodes["XC"].Peer(context.Background(), "XA"); return p.Why != "" })
	a.issue(object+"1", stix.Amber, "amber", "XB")
	until(t, "what is said under it", func() bool { return b.has(object + "1 1") })
}

var (
	manyChanges = flag.Int("changes", 120, "random changes of audience among 24 nodes")
	manyStates  = flag.Int("states", someNodes, "nodes")
)

// Twenty-four nodes, a wire that loses three connections in ten and now and then
// parts some of them from the others, clocks up to five minutes apart, nodes that
// stop or are killed and come back: after random changes of audience each holds
// what the last version gave it and nothing else, whoever handed it over.
func TestManyNodes(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 11))
	var states []string
	for i := range *manyStates {
		states = append(states, fmt.Sprintf("X%c", 'A'+i))
	}
	c := newCommunity(t, states...)
	lost := rand.New(rand.NewPCG(3, 5))
	at := map[string]string{} // address to state
	for _, s := range states {
		at[c.address(s)] = s
	}
	apart := map[string]bool{} // under the wire's lock, as the numbers are
	c.wire.lose = func(from, address string) bool {
		return lost.IntN(10) < 3 || apart[from] != apart[at[address]]
	}
	part := func(some []string) {
		c.wire.mu.Lock()
		defer c.wire.mu.Unlock()
		clear(apart)
		for _, s := range some {
			apart[s] = true
		}
		for _, s := range states {
			c.nodes[s].peers.Close() // connections that are open do not survive it
		}
	}
	for _, s := range states {
		c.nodes[s].clock.set(time.Duration(r.IntN(290)-145) * time.Second)
	}
	times := Times{Look: 20 * time.Millisecond, Pull: 4 * time.Second, First: 20 * time.Millisecond, Most: 200 * time.Millisecond, Head: time.Minute}
	for _, s := range states {
		c.startWith(s, times)
	}
	type about struct {
		owner    string
		audience []string
		version  int
	}
	objects := map[string]*about{}
	down := ""
	for i := range *manyChanges {
		id := fmt.Sprintf("tool--8e2e2d2b-17d4-4cbf-938f-%012x", r.IntN(40))
		o := objects[id]
		if o == nil {
			o = &about{owner: states[r.IntN(len(states))]}
			objects[id] = o
		}
		audience := c.some(r, o.owner)
		owner := c.nodes[o.owner]
		var removed []string
		for _, s := range o.audience {
			if !slices.Contains(audience, s) {
				removed = append(removed, s)
			}
		}
		if len(removed) > 0 {
			owner.recall(id, removed...)
		}
		time.Sleep(time.Millisecond) // versions bear times of their own
		owner.issue(id, stix.Amber, "amber", audience...)
		o.audience, o.version = audience, o.version+1
		if i%20 == 19 {
			if down != "" {
				c.startWith(down, times)
			}
			down = states[r.IntN(len(states))]
			if i%40 == 19 {
				c.kill(down)
			} else {
				c.nodes[down].stop()
			}
		}
		switch i % 60 {
		case 29:
			var some []string
			for _, j := range r.Perm(len(states))[:1+r.IntN(len(states)/2)] {
				some = append(some, states[j])
			}
			part(some)
		case 49:
			part(nil)
		}
	}
	if down != "" {
		c.startWith(down, times)
	}
	part(nil)
	for id, o := range objects {
		for _, s := range states {
			n := c.nodes[s]
			if s == o.owner {
				continue
			}
			until(t, fmt.Sprintf("%s at %s", id, s), func() bool {
				n.mu.Lock()
				defer n.mu.Unlock()
				held := n.held[id].Latest
				if slices.Contains(o.audience, s) {
					return held != nil && held.Statement.Version == int64(o.version)
				}
				return held == nil
			})
		}
	}
	n, relayed := 0, 0
	for _, s := range states {
		node := c.nodes[s]
		node.mu.Lock()
		n += len(node.taken)
		relayed += node.relayed
		for _, what := range node.taken {
			id, version, ok := strings.Cut(what, " ")
			if o := objects[id]; ok && o != nil && !slices.Contains(c.nodes[o.owner].audienceOf(s, id, version), s) {
				t.Errorf("%s holds %s, which was not for it", s, what)
			}
		}
		if node.alarms > 0 {
			t.Errorf("%s raised %d alarms", s, node.alarms)
		}
		node.mu.Unlock()
	}
	t.Logf("%d changes, %d envelopes taken in, %d through another", *manyChanges, n, relayed)
}

// audienceOf is whom a version was for; asker holds its own lock.
func (n *node) audienceOf(asker, id, version string) []string {
	if n.m.State() != asker {
		n.mu.Lock()
		defer n.mu.Unlock()
	}
	for _, o := range n.own {
		if o.v != nil && o.v.Statement.ID == id && fmt.Sprint(o.v.Statement.Version) == version {
			return o.to
		}
	}
	return nil
}

// some are a few states without one.
func (c *community) some(r *rand.Rand, without string) (few []string) {
	for _, i := range r.Perm(len(c.states))[:1+r.IntN(5)] {
		if c.states[i] != without {
			few = append(few, c.states[i])
		}
	}
	slices.Sort(few)
	return few
}

// Twenty-four cosignatures of one head; a recall of one statement from 24
// states, to the last receipt.
func BenchmarkTwentyFour(b *testing.B) {
	var states []string
	for i := range 25 {
		states = append(states, fmt.Sprintf("X%c", 'A'+i))
	}
	c := newCommunity(b, states...)
	work := Times{Head: time.Hour, Pull: time.Hour, First: 100 * time.Millisecond, Most: time.Second}
	for _, s := range states {
		c.startWith(s, work)
	}
	a := c.nodes["XA"]
	ctx := context.Background()
	cosigned := func() bool {
		head, err := a.LogHead(ctx)
		return err == nil && bytes.Count(head, []byte("\n\u2014 ")) == len(states)
	}
	until(b, "a first head", cosigned)
	b.Run("cosign", func(b *testing.B) {
		for b.Loop() {
			if err := a.AdvanceLog(ctx); err != nil {
				b.Fatal(err)
			}
			for !cosigned() { // a witness that had too much to do is asked again
				if err := a.peers.Cosign(ctx); err != nil {
					b.Fatal(err)
				}
			}
		}
		b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/24-cosignatures")
	})
	b.Run("recall", func(b *testing.B) {
		n := 0
		for b.Loop() {
			n++
			id := fmt.Sprintf("tool--8e2e2d2b-17d4-4cbf-938f-%012x", n)
			b.StopTimer()
			a.issue(id, stix.Amber, "amber", states[1:]...)
			for _, s := range states[1:] {
				until(b, "the statement", func() bool { return c.nodes[s].has(id + " 1") })
			}
			b.StartTimer()
			a.recall(id, states[1:]...)
			for _, s := range states[1:] {
				until(b, "the receipt", func() bool { return a.has("receipt " + id + " 1 " + s) })
			}
		}
		b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/recall-with-24-receipts")
	})
}
