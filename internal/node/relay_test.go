package node_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/dispatch"
	"github.com/comity-project/comity/internal/exchange"
	"github.com/comity-project/comity/internal/exchange/member"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/statement/envelope"
	"github.com/comity-project/comity/statement/sharing"
	"github.com/comity-project/comity/statement/trust"
)

// wires are the connections between seats; those that are cut carry nothing.
type wires struct {
	mu  sync.Mutex
	cut map[[2]string]bool
}

func (w *wires) set(a, b string, cut bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut[[2]string{a, b}], w.cut[[2]string{b, a}] = cut, cut
}

// connect has seats exchange over real connections on loopback until the test
// ends, but for two that can't reach each other.
func connect(t *testing.T, clock *nodetest.Clock, seats []*nodetest.Seat, one, other string) *wires {
	t.Helper()
	w := &wires{cut: map[[2]string]bool{}}
	w.set(one, other, true)
	var members []*member.Member
	var listeners []net.Listener
	var cards []trust.State
	at := map[string]string{} // address to state
	for _, s := range seats {
		listen, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		state := s.App.Config().State
		at[listen.Addr().String()] = state
		m, err := member.Create(t.TempDir(), member.Options{State: state, Name: state + ".example", Address: "https://" + listen.Addr().String(), Now: clock.Now().AddDate(-1, 0, 0)})
		if err != nil {
			t.Fatal(err)
		}
		card, err := m.Card(member.Saying{Statements: []trust.Key{{Key: s.App.StatementKeys()[0].Plain}}, Log: s.App.LogKey()})
		if err != nil {
			t.Fatal(err)
		}
		members, listeners, cards = append(members, m), append(listeners, listen), append(cards, card)
	}
	sealed, list := nodetest.TrustList(t, clock.Now(), cards...)
	times := exchange.Times{Look: 5 * time.Millisecond, Pull: 200 * time.Millisecond, First: 20 * time.Millisecond, Most: 100 * time.Millisecond, Trust: time.Second, Head: 200 * time.Millisecond}
	for i, s := range seats {
		e, err := envelope.Parse(sealed)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := members[i].Install(sealed, e.PayloadHash().String(), clock.Now()); err != nil {
			t.Fatal(err)
		}
		s.App.UseTrust(list)
		from := s.App.Config().State
		p := exchange.New(members[i], s.App.Exchange(), exchange.Options{Times: times, Now: clock.Now, Log: slog.New(slog.DiscardHandler), Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			w.mu.Lock()
			cut := w.cut[[2]string{from, at[address]}]
			w.mu.Unlock()
			if cut {
				return nil, errors.New("cut")
			}
			return (&net.Dialer{}).DialContext(ctx, network, address)
		}})
		run, stop := context.WithCancel(ctx)
		server := p.Server()
		var all sync.WaitGroup
		all.Go(func() { _ = server.ServeTLS(listeners[i], "", "") })
		all.Go(func() { p.Run(run) })
		t.Cleanup(func() {
			stop()
			_ = server.Close()
			all.Wait()
			p.Close()
		})
	}
	return w
}

// titles are what a seat's inbox shows, the latest first, with the states that
// handed it over.
func titles(t *testing.T, s *nodetest.Seat) (out []string) {
	t.Helper()
	in, err := s.App.Inbox(ctx, s.Contact, 0, 50)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range in.Rows {
		if r.Kind == "report" {
			out = append(out, r.Title+" from "+r.Sender)
		}
	}
	return out
}

func until(t *testing.T, what string, f func() bool) {
	t.Helper()
	for end := time.Now().Add(3 * time.Minute); !f(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("never came: ", what)
		}
	}
}

// A state that can't reach the originator gets what is for it through another; a
// member that was removed gets nothing that way.
func TestMISP10899BetweenThreeNodes(t *testing.T) {
	engines(t, func(t *testing.T, engine store.Engine, clock *nodetest.Clock) {
		seats := nodetest.Community(t, engine, clock, "AV", "KR", "XN")
		av, kr, xn := seats[0], seats[1], seats[2]
		w := connect(t, clock, seats, "XN", "KR")
		first := nodetest.Said(clock.Now(), "The first", "A unit", "AV", "KR")
		xn.Issue(first)
		until(t, "the report through AV", func() bool { return slices.Equal(titles(t, kr), []string{"The first from AV"}) })
		if got := titles(t, av); !slices.Equal(got, []string{"The first from XN"}) {
			t.Fatal(got)
		}
		clock.Move(time.Minute)
		xn.Do(xn.Contact, dispatch.Narrow{OnPaper: first.OnPaper, Audience: []string{"AV"}})
		until(t, "the next version at AV", func() bool {
			p, _, err := av.App.Exchange().Passable(ctx, "XN", "KR", 0, 100)
			return err == nil && len(p) == 0 && len(titles(t, av)) == 1
		})
		secret := nodetest.Said(clock.Now(), "Not for KR", "A unit", "AV")
		xn.Issue(secret)
		red := nodetest.Said(clock.Now(), "For named people", "A unit", "AV", "KR")
		red.Handling.TLP = "red"
		xn.Issue(red)
		until(t, "both at AV", func() bool { return len(titles(t, av)) == 3 })
		// What comes after all that shows that the relay was asked meanwhile.
		xn.Issue(nodetest.Said(clock.Now(), "The last", "A unit", "AV", "KR"))
		until(t, "the last through AV", func() bool { return slices.Contains(titles(t, kr), "The last from AV") })
		if got := titles(t, kr); len(got) != 2 {
			t.Fatal(got)
		}
		// The recall is between two: it comes when they reach each other.
		w.set("XN", "KR", false)
		until(t, "recall and what is for named people", func() bool {
			got := titles(t, kr)
			return len(got) == 2 && slices.Contains(got, "For named people from XN") && slices.Contains(got, "The last from AV")
		})
		for _, s := range seats {
			if _, err := s.App.Verify(ctx, true, nil); err != nil {
				t.Error(err)
			}
		}
	})
}

// A grant is for one version, one relay and one recipient; it is made by what
// holds at that moment, and runs out.
func TestGrants(t *testing.T) {
	engines(t, func(t *testing.T, engine store.Engine, clock *nodetest.Clock) {
		seats := nodetest.Community(t, engine, clock, "AV", "KR", "XN")
		av, kr, xn := seats[0], seats[1], seats[2]
		a, k, x := av.App.Exchange(), kr.App.Exchange(), xn.App.Exchange()
		w := nodetest.Said(clock.Now(), "A report", "A unit", "AV", "KR")
		xn.Issue(w)
		av.From(xn)
		passable := func() (out []exchange.Passing, wanted []exchange.Wanted) {
			out, _, err := a.Passable(ctx, "XN", "KR", 0, 100)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range out {
				wanted = append(wanted, p.Wanted)
			}
			return out, wanted
		}
		grants := func(relay, to string, wanted []exchange.Wanted) (out []exchange.Item) {
			all, err := x.Grant(ctx, relay, to, wanted)
			if err != nil || len(all) != len(wanted) {
				t.Fatal(len(all), err)
			}
			for _, g := range all {
				if len(g) > 0 {
					out = append(out, exchange.Item{Envelope: g})
				}
			}
			return out
		}
		held, wanted := passable()
		if len(held) != 3 || held[0].Grant != nil {
			t.Fatal(held)
		}
		// Without a grant a relay's word is refused, and so is a grant from another.
		refused := func(want error, from string, items ...exchange.Item) {
			t.Helper()
			got, err := k.Receive(ctx, from, items)
			if err != nil || got.New != 0 || len(got.Refused) != len(items) || got.Refused[0] != want.Error() {
				t.Errorf("%+v, %v; want %v", got, err, want)
			}
		}
		refused(sharing.WrongSender, "AV", held[0].Item)
		for _, none := range [][2]string{{"AV", "XN"}, {"AV", "QQ"}, {"QQ", "KR"}} {
			if got := grants(none[0], none[1], wanted); len(got) != 0 {
				t.Error(none, "granted")
			}
		}
		other := wanted[0]
		other.Payload[0] ^= 1
		if got := grants("AV", "KR", []exchange.Wanted{other, {ID: "tool--x", Version: 1}}); len(got) != 0 {
			t.Error("what was never said is granted")
		}
		given := grants("AV", "KR", wanted)
		if len(given) != 3 {
			t.Fatal(len(given))
		}
		if again := grants("AV", "KR", wanted); !slices.EqualFunc(again, given, func(a, b exchange.Item) bool { return string(a.Envelope) == string(b.Envelope) }) {
			t.Error("another grant at once")
		}
		refused(sharing.WrongSender, "XN", given[0])
		if taken, err := a.Receive(ctx, "XN", given); err != nil || taken.New != 3 {
			t.Fatal(taken, err)
		}
		held, _ = passable()
		if held[0].Grant == nil || string(held[0].Grant) != string(given[0].Envelope) {
			t.Fatal("the relay has no grant")
		}
		round := func(p exchange.Passing) []exchange.Item {
			return []exchange.Item{{Envelope: p.Grant}, p.Item}
		}
		if taken, err := k.Receive(ctx, "AV", round(held[0])); err != nil || taken.New != 2 {
			t.Fatal(taken, err)
		}
		if taken, err := k.Receive(ctx, "AV", round(held[0])); err != nil || taken.New != 0 || len(taken.Refused) != 0 {
			t.Fatal(taken, err)
		}
		// The other's grant does not serve for this version.
		refused(sharing.WrongSender, "AV", held[1].Item)
		// After ten minutes the relay has none any more; one that goes on with it is
		// refused once the clocks' difference is over too.
		clock.Move(sharing.Lease + time.Second)
		if now, _ := passable(); len(now) != 3 || now[0].Grant != nil {
			t.Error("a grant that has run out serves")
		}
		clock.Move(sharing.Skew)
		refused(sharing.NoGrant, "AV", exchange.Item{Envelope: held[1].Grant})
		refused(sharing.WrongSender, "AV", held[1].Item)
		// Who was removed meanwhile gets none, though the relay holds the version
		// that was for them.
		xn.Do(xn.Contact, dispatch.Narrow{OnPaper: w.OnPaper, Audience: []string{"AV"}})
		if got := grants("AV", "KR", wanted); len(got) != 0 {
			t.Error("granted for one who was removed")
		}
		if err := xn.App.Do(ctx, xn.Contact, node.GrantPassing{Batch: node.NewID(), Relay: "AV", To: "KR", Wanted: wanted}); err == nil {
			t.Error("a person makes grants")
		}
		for _, s := range seats {
			if _, err := s.App.Verify(ctx, true, nil); err != nil {
				t.Error(err)
			}
		}
	})
}
