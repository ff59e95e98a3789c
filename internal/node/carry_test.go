package node_test

import (
	"strings"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/exchange"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/statement/tlog"
)

// What carries envelopes sees them in order, is told of whom something is for,
// and remembers its peers.
func TestCarry(t *testing.T) {
	engines(t, func(t *testing.T, engine store.Engine, clock *nodetest.Clock) {
		seats := nodetest.Community(t, engine, clock, "AV", "XN")
		av, xn := seats[0].App.Exchange(), seats[1].App.Exchange()
		if states, last, err := xn.Addressed(ctx, 0); err != nil || len(states) != 0 || last != 0 {
			t.Fatal(states, last, err)
		}
		clock.Move(20 * time.Minute) // XN's clock is ahead
		w := nodetest.Said(clock.Now(), "A report", "A unit", "AV")
		w.Handling.TLP = "red"
		seats[1].Issue(w)
		states, last, err := xn.Addressed(ctx, 0)
		if err != nil || len(states) != 1 || states[0] != "AV" || last != 3 {
			t.Fatal(states, last, err)
		}
		items, next, err := xn.Outgoing(ctx, "AV", 0, 2)
		if err != nil || len(items) != 2 || next != 2 || !items[0].Secret {
			t.Fatal(len(items), next, err)
		}
		more, _, err := xn.Outgoing(ctx, "AV", 2, 2)
		if err != nil || len(more) != 1 {
			t.Fatal(len(more), err)
		}
		clock.Move(-20 * time.Minute)
		taken, err := av.Receive(ctx, "XN", items)
		if err != nil || !taken.Later || taken.New != 0 {
			t.Fatal(taken, err)
		}
		clock.Move(20 * time.Minute)
		if taken, err = av.Receive(ctx, "XN", append(items, more[0], exchange.Item{Envelope: []byte("{}")})); err != nil || taken.New != 3 || len(taken.Refused) != 1 {
			t.Fatal(taken, err)
		}
		p, err := av.Peer(ctx, "XN")
		if err != nil || p != (exchange.Peer{State: "XN"}) {
			t.Fatal(p, err)
		}
		p = exchange.Peer{State: "XN", Cursor: "x", Reached: clock.Now(), Failed: clock.Now(), Why: "away", Skew: -time.Minute, Refused: 3, Refusal: "no"}
		for range 2 {
			if err := av.KeepPeer(ctx, p); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := av.Peer(ctx, "XN"); err != nil || got != p {
			t.Fatal(got, err)
		}
	})
}

// The log begins anew under the next epoch, names what was lost, and gives every
// envelope a place again.
func TestEpoch(t *testing.T) {
	engines(t, func(t *testing.T, engine store.Engine, clock *nodetest.Clock) {
		seats := nodetest.Community(t, engine, clock, "AV", "XN")
		app := seats[1].App
		seats[1].Issue(nodetest.Said(clock.Now(), "A report", "A unit", "AV"))
		x := app.Exchange()
		if err := x.AdvanceLog(ctx); err != nil {
			t.Fatal(err)
		}
		if err := x.BeginEpoch(ctx, 2, "witnesses hold more"); err != nil {
			t.Fatal(err)
		}
		if err := x.AdvanceLog(ctx); err != nil {
			t.Fatal(err)
		}
		head, err := x.LogHead(ctx)
		if err != nil || !strings.HasPrefix(string(head), "XN.example/log/epoch/2\n128\n") {
			t.Fatalf("%v\n%s", err, head)
		}
		if err := x.Cosigned(ctx, head); err != nil {
			t.Error(err)
		}
		root, err := x.LogRoot(ctx, 64)
		if err != nil {
			t.Fatal(err)
		}
		path, err := x.LogConsistency(ctx, 64, 128)
		if err != nil {
			t.Fatal(err)
		}
		now, err := x.LogRoot(ctx, 128)
		if err != nil || tlog.CheckConsistency(path, 128, now, 64, root) != nil {
			t.Error(err)
		}
		for _, tile := range tlog.Tiles(0, 128) {
			if b, err := x.LogTile(ctx, tile); err != nil || len(b) == 0 {
				t.Error(tile.Path(), err)
			}
		}
		out, _, err := app.Outgoing(ctx, "AV", 0, 100)
		if err != nil || len(out) != 3 || out[0].Proof == nil {
			t.Fatal(len(out), err)
		}
		// The checkpoint of the case ledger stands in it.
		signed, proof, _, err := app.LedgerCheckpoint(ctx)
		if err != nil || proof == nil {
			t.Fatal(err)
		}
		held, err := app.ReadLedgerCheckpoint(signed)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := app.Verify(ctx, false, nil, held); err != nil {
			t.Error(err)
		}
		held.Root[0] ^= 1
		if _, err := app.Verify(ctx, false, nil, held); err == nil {
			t.Error("another history than others hold")
		}
		held.Size += 1000
		if _, err := app.Verify(ctx, false, nil, held); err == nil {
			t.Error("others hold more than is left")
		}
	})
}
