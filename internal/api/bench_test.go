package api_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/repotest"
)

// realHouse serves the lists that the corpus of the evaluation was made of.
func realHouse(b *testing.B) (*house, *httptest.Server, [][]byte) {
	data := repotest.Data(b)
	cfg := nodetest.Config(b, store.SQLite, nodetest.NewClock())
	cfg.Now = time.Now
	app := nodetest.OpenAt(b, cfg)
	for list, files := range map[string]string{"un-sc": "lists/un/consolidated_2026-02-27.xml", "ofac-sdn": "lists/us/[sa]*.csv", "us-csl": "lists/us/consolidated*.json"} {
		cmd := node.ImportList{List: list, Activate: true, Published: "2026-02-27", Reason: "benchmark"}
		names, err := filepath.Glob(filepath.Join(data, files))
		if err != nil || len(names) == 0 {
			b.Fatalf("%s: %v", files, err)
		}
		if list != "ofac-sdn" {
			names = names[len(names)-1:]
		}
		for _, n := range names {
			text, err := os.ReadFile(n)
			if err != nil {
				b.Fatal(err)
			}
			cmd.Files = append(cmd.Files, node.ListFile{Name: filepath.Base(n), Bytes: text})
		}
		if err := app.Do(ctx, access.System(), cmd); err != nil {
			b.Fatal(err)
		}
	}
	if err := app.ReloadEngines(ctx); err != nil {
		b.Fatal(err)
	}
	e, err := app.Engines(ctx)
	if err != nil {
		b.Fatal(err)
	}
	b.Logf("%+v", e.Index.Stats())
	h := newHouse(b, app)
	server := httptest.NewServer(h.h)
	b.Cleanup(server.Close)
	raw, err := os.ReadFile(repotest.Data(b, "screening", "perf.jsonl"))
	if err != nil {
		b.Fatal(err)
	}
	return h, server, bytes.Split(bytes.TrimSpace(raw), []byte("\n"))
}

// clients send requests from eight connections at once until n are done, and
// report parties a second, the slowest hundredth, and processor time, the
// client's included.
func clients(b *testing.B, h *house, url, kind string, bodies [][]byte, parties int) {
	transport := &http.Transport{MaxIdleConnsPerHost: 8}
	client := &http.Client{Transport: transport}
	defer transport.CloseIdleConnections()
	var next atomic.Int64
	var mu sync.Mutex
	var took []time.Duration
	before, start := cpuTime(), time.Now()
	var wg sync.WaitGroup
	b.ResetTimer()
	for range 8 {
		wg.Go(func() {
			var mine []time.Duration
			for {
				i := int(next.Add(1)) - 1
				if i >= b.N {
					break
				}
				r, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(bodies[i%len(bodies)]))
				if err != nil {
					b.Error(err)
					return
				}
				r.Header.Set("Content-Type", kind)
				r.Header.Set("Authorization", "Bearer "+h.tokens["customs"])
				t := time.Now()
				w, err := client.Do(r)
				if err != nil {
					b.Error(err)
					return
				}
				_, err = io.Copy(io.Discard, w.Body)
				w.Body.Close()
				if err != nil || w.StatusCode != http.StatusOK {
					b.Errorf("status %d, %v", w.StatusCode, err)
					return
				}
				mine = append(mine, time.Since(t))
			}
			mu.Lock()
			took = append(took, mine...)
			mu.Unlock()
		})
	}
	wg.Wait()
	b.StopTimer()
	slices.Sort(took)
	if len(took) == 0 {
		return
	}
	n := float64(b.N * parties)
	b.ReportMetric(n/time.Since(start).Seconds(), "parties/s")
	b.ReportMetric(float64(cpuTime()-before)/1e3/n, "cpu-us/party")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1e3, "p99-ms")
}

func cpuTime() int64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return u.Utime.Nano() + u.Stime.Nano()
}

// BenchmarkScreen is one party a request, explained and on record. Compare with
// 84 a second of the peer on the same lists, which records nothing.
func BenchmarkScreen(b *testing.B) {
	h, server, lines := realHouse(b)
	var bodies [][]byte
	for _, l := range lines {
		var q struct {
			Query struct{ Name, Country string } `json:"query"`
		}
		if err := json.Unmarshal(l, &q); err != nil {
			b.Fatal(err)
		}
		body, err := json.Marshal(map[string]any{"name": q.Query.Name, "country": q.Query.Country, "explain": true, "purpose": "duty", "about": "benchmark"})
		if err != nil {
			b.Fatal(err)
		}
		bodies = append(bodies, body)
	}
	clients(b, h, server.URL+"/api/v1/screen", "application/json", bodies, 1)
}

// BenchmarkScreenLines is a hundred parties a request, explained and on record.
func BenchmarkScreenLines(b *testing.B) {
	h, server, lines := realHouse(b)
	var bodies [][]byte
	for c := range slices.Chunk(lines, 100) {
		bodies = append(bodies, bytes.Join(c, []byte("\n")))
	}
	clients(b, h, server.URL+"/api/v1/screen/lines?purpose=duty&about=benchmark&explain=true", "application/x-ndjson", bodies, 100)
}
