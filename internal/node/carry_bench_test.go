package node_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/comity-project/comity/internal/exchange"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/statement/envelope"
	"github.com/comity-project/comity/statement/stix"
	"github.com/comity-project/comity/statement/trust"
)

// Signed statements of 600 bytes, taken in a thousand at a time, two peers at once, durable: each
// verified, held against what is there, sealed under a key of its own, and
// counted in one event of the ledger. What it is held against: Ed25519 with all
// checks takes 68 µs of one core (BenchmarkSealed).
func BenchmarkReceive(b *testing.B) {
	for _, engine := range []store.Engine{store.SQLite, store.Postgres} {
		b.Run(string(engine), func(b *testing.B) {
			clock := nodetest.NewClock()
			seats := nodetest.Community(b, engine, clock, "AV")
			key, err := envelope.NewKey(bytes.Repeat([]byte{3}, 32), nil)
			if err != nil {
				b.Fatal(err)
			}
			l := *seats[0].App.Trust()
			const identity = "identity--84e4d88f-44ea-4bcd-bbf3-b2c1c320bcb3"
			l.States = append(l.States, trust.State{ID: "XN", Identity: identity, Keys: []trust.Key{{Key: key.Public(), From: "2026-01-01T00:00:00.000Z"}}})
			seats[0].App.UseTrust(&l)
			node := seats[0].App.Exchange()
			n := 0
			batch := func(size int) (items []exchange.Item) {
				for range size {
					n++
					id := fmt.Sprintf("tool--8e2e2d2b-17d4-4cbf-938f-%012x", n)
					salt := make([]byte, envelope.SaltSize)
					_, _ = rand.Read(salt) // never fails
					now := stix.FormatTime(clock.Now())
					payload, err := envelope.Marshal(envelope.Statement{
						Header: envelope.Header{Community: l.Community, Issuer: "XN", Key: key.Public().ID(), Salt: salt}, ID: id, Version: 1, Issued: now,
						Handling: envelope.Handling{TLP: "amber", Audience: []string{"AV"}},
						Object: fmt.Appendf(nil, `{"created":%q,"created_by_ref":%q,"description":%q,"id":%q,"modified":%q,"name":"tool %d","object_marking_refs":[%q],"spec_version":"2.1","type":"tool"}`,
							now, identity, strings.Repeat("x", 220), id, now, n, stix.Amber.ID()),
					})
					if err != nil {
						b.Fatal(err)
					}
					sealed, err := envelope.Seal(envelope.ForStatement, payload, key)
					if err != nil {
						b.Fatal(err)
					}
					items = append(items, exchange.Item{Envelope: sealed})
				}
				return items
			}
			for _, c := range []struct{ size, callers int }{{1000, 2}, {1, 1}} {
				b.Run(fmt.Sprintf("batch=%d/callers=%d", c.size, c.callers), func(b *testing.B) {
					batches := make([][]exchange.Item, b.N)
					for i := range batches {
						batches[i] = batch(c.size)
					}
					var next atomic.Int64
					var wg sync.WaitGroup
					used := nodetest.ProcessorTime(b)
					b.ResetTimer()
					for range c.callers {
						wg.Go(func() {
							for i := int(next.Add(1)) - 1; i < b.N; i = int(next.Add(1)) - 1 {
								if taken, err := node.Receive(context.Background(), "XN", batches[i]); err != nil || taken.New != c.size {
									b.Error(taken, err)
									return
								}
							}
						})
					}
					wg.Wait()
					b.StopTimer()
					used = nodetest.ProcessorTime(b) - used
					b.ReportMetric(float64(c.size*b.N)/b.Elapsed().Seconds(), "statements/s")
					b.ReportMetric(float64(c.size*b.N)/used.Seconds(), "statements/core-s")
				})
			}
		})
	}
}
