package taxii_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/taxii"
)

// benched is a node served on loopback, both ends on this machine. Comity's own
// store on SQLite, each commit on disk before the answer.
func benched(b *testing.B) (address string, client *http.Client) {
	clock := nodetest.NewClock()
	s := serveNode(b, nodetest.Open(b, store.SQLite, clock), clock)
	h := server(s.lib, clock.Now)
	h.MaxBytes = 32 << 20
	served := httptest.NewServer(h)
	b.Cleanup(served.Close)
	return served.URL, served.Client()
}

func call(b *testing.B, c *http.Client, method, address, body string) []byte {
	r, err := http.NewRequestWithContext(context.Background(), method, address, strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	r.SetBasicAuth("lab", "x")
	r.Header.Set("Accept", taxii.MediaType)
	r.Header.Set("Content-Type", taxii.MediaType)
	a, err := c.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer a.Body.Close()
	out, err := io.ReadAll(a.Body)
	if err != nil || a.StatusCode/100 != 2 {
		b.Fatalf("%d %.300s %v", a.StatusCode, out, err)
	}
	return out
}

// padded is an indicator of about 600 bytes.
func padded(n int) string {
	return strings.Replace(indicator(n, 1), `"pattern_type"`, `"description":"`+strings.Repeat("observed on a host of the field ", 10)+`","pattern_type"`, 1)
}

func batch(from, n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = padded(from + i)
	}
	return envelope(all...)
}

// BenchmarkAdd posts batches of 1,000 objects of about 600 bytes to the node, two
// at a time, and single ones from 64 callers.
func BenchmarkAdd(b *testing.B) {
	for _, c := range []struct{ size, callers int }{{1000, 2}, {1, 64}} {
		b.Run(fmt.Sprintf("batch=%d/callers=%d", c.size, c.callers), func(b *testing.B) {
			address, client := benched(b)
			client.Transport.(*http.Transport).MaxIdleConnsPerHost = c.callers
			bodies := make([]string, b.N)
			for i := range bodies {
				bodies[i] = batch(1+i*c.size, c.size)
			}
			var next atomic.Int64
			var wg sync.WaitGroup
			used := nodetest.ProcessorTime(b)
			b.ResetTimer()
			for range c.callers {
				wg.Go(func() {
					for {
						i := int(next.Add(1)) - 1
						if i >= len(bodies) {
							return
						}
						call(b, client, "POST", address+objects, bodies[i])
					}
				})
			}
			wg.Wait()
			b.StopTimer()
			used = nodetest.ProcessorTime(b) - used
			b.ReportMetric(float64(b.N*c.size)/b.Elapsed().Seconds(), "objects/s")
			b.ReportMetric(float64(b.N*c.size)/used.Seconds(), "objects/core-s")
		})
	}
}

// BenchmarkShelf reads pages of 1,000 from the node over HTTP, of collections of
// several sizes that two callers filled, and pages of a filter by type and time.
func BenchmarkShelf(all *testing.B) {
	for _, size := range []int{1_000, 100_000, 1_000_000} {
		address, client := "", (*http.Client)(nil)
		began := time.Now()
		fill := func(b *testing.B) {
			if address != "" {
				return
			}
			address, client = benched(all)
			began = time.Now()
			var wg sync.WaitGroup
			for caller := range 2 {
				wg.Go(func() {
					for from := caller * 1000; from < size; from += 2000 {
						call(b, client, "POST", address+objects, batch(from+1, 1000))
					}
				})
			}
			wg.Wait()
		}
		imported := time.Duration(0)
		all.Run(fmt.Sprintf("objects=%d", size), func(b *testing.B) {
			if fill(b); imported == 0 {
				imported = time.Since(began)
			}
			next, pages := "", 0
			var times []time.Duration
			read := func() {
				path := address + objects
				if next != "" {
					path += "?next=" + next
				}
				start := time.Now()
				body := call(b, client, "GET", path, "")
				times = append(times, time.Since(start))
				pages++
				head, _, _ := bytes.Cut(body[:100], []byte(`,"objects"`))
				_, after, _ := strings.Cut(string(head), `"next":"`)
				next = strings.TrimSuffix(after, `"`)
			}
			start := time.Now()
			for range size / 1000 {
				read()
			}
			whole, held := time.Since(start), nodetest.Memory(b)
			times, pages = times[:0], 0
			used := nodetest.ProcessorTime(b)
			b.ResetTimer()
			for range b.N {
				read()
			}
			b.StopTimer()
			b.ReportMetric(whole.Seconds(), "whole-s")
			b.ReportMetric(float64(max(held, nodetest.Memory(b)))/(1<<20), "MiB")
			used = nodetest.ProcessorTime(b) - used
			slices.Sort(times)
			b.ReportMetric(imported.Seconds(), "fill-s")
			b.ReportMetric(float64(pages)*1000/b.Elapsed().Seconds(), "objects/s")
			b.ReportMetric(float64(pages)*1000/used.Seconds(), "objects/core-s")
			b.ReportMetric(float64(times[len(times)*95/100].Microseconds())/1000, "p95-ms")
			times = times[:0]
			for range 50 {
				start := time.Now()
				call(b, client, "GET", address+objects+"?limit=100&match[type]=indicator&added_after=2026-11-09T08:00:00Z&match[version]=last", "")
				call(b, client, "GET", address+objects+"?limit=100&match[type]=tool", "")
				times = append(times, time.Since(start)/2)
			}
			slices.Sort(times)
			b.ReportMetric(float64(times[47].Microseconds())/1000, "filter-p95-ms")
		})
	}
}
