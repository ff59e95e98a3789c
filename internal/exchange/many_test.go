package exchange

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
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
