package api_test

import (
	"bytes"
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
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

func cpuTime() int64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return u.Utime.Nano() + u.Stime.Nano()
}

// single is the timing set as requests of one party each.
func single(b *testing.B) (*house, string, [][]byte) {
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
	return h, server.Listener.Addr().String(), bodies
}

// BenchmarkScreen is one party a request over eight connections, explained and
// on record. Compare with 84 a second of the peer on the same lists, which
// records nothing.
func BenchmarkScreen(b *testing.B) {
	h, addr, bodies := single(b)
	load(b, h, addr, "/api/v1/screen", "application/json", bodies, 1, 8)
}

// BenchmarkScreenAlone is the same over one connection: each party waits for its
// own record.
func BenchmarkScreenAlone(b *testing.B) {
	h, addr, bodies := single(b)
	load(b, h, addr, "/api/v1/screen", "application/json", bodies, 1, 1)
}

// BenchmarkScreenLines is a hundred parties a request, explained and on record.
func BenchmarkScreenLines(b *testing.B) {
	h, server, lines := realHouse(b)
	var bodies [][]byte
	for c := range slices.Chunk(lines, 100) {
		bodies = append(bodies, bytes.Join(c, []byte("\n")))
	}
	load(b, h, server.Listener.Addr().String(), "/api/v1/screen/lines?purpose=duty&about=benchmark&explain=true", "application/x-ndjson", bodies, 100, 8)
}
