package screening

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/comity-project/comity/repotest"
)

func perfQueries(tb testing.TB) ([]byte, []Query) {
	tb.Helper()
	b, err := os.ReadFile(repotest.Data(tb, "screening", "perf.jsonl"))
	if err != nil {
		tb.Fatal(err)
	}
	var qs []Query
	for line := range bytes.Lines(b) {
		var q batchQuery
		if err := json.Unmarshal(line, &q); err != nil {
			tb.Fatal(err)
		}
		qs = append(qs, q.Query.query())
	}
	return b, qs
}

// BenchmarkSearch is one query of the timing set by name, without dressing.
func BenchmarkSearch(b *testing.B) {
	x := realIndex(b)
	_, qs := perfQueries(b)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		x.strengths(qs[i%len(qs)], SearchOptions{Fields: FieldsName})
		i++
	}
}

// BenchmarkAnswer is one query with its hits dressed.
func BenchmarkAnswer(b *testing.B) {
	x := realIndex(b)
	_, qs := perfQueries(b)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		x.Search(qs[i%len(qs)], SearchOptions{})
		i++
	}
}

// BenchmarkExplain is the explanation of the first hit of a query.
func BenchmarkExplain(b *testing.B) {
	x := realIndex(b)
	_, qs := perfQueries(b)
	ids := make([]string, len(qs))
	for i, q := range qs {
		if a := x.Search(q, SearchOptions{Limit: 1}); len(a.Hits) > 0 {
			ids[i] = a.Hits[0].EntityID
		}
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		x.Explain(qs[i%len(qs)], ids[i%len(qs)])
		i++
	}
}

// BenchmarkExplained is one query with its hits and the reasons for those that
// somebody must look at, as JSON: what a door sends.
func BenchmarkExplained(b *testing.B) {
	x := realIndex(b)
	_, qs := perfQueries(b)
	b.ReportAllocs()
	before := cpuTime()
	i := 0
	for b.Loop() {
		a, whys := x.Explained(qs[i%len(qs)], SearchOptions{}, func(h Hit) bool { return h.Band != Weakly || h.ByID })
		if _, err := json.Marshal(struct {
			Answer
			Whys []Explanation
		}{a, whys}); err != nil {
			b.Fatal(err)
		}
		i++
	}
	b.ReportMetric(float64(cpuTime()-before)/1e3/float64(i), "cpu-us/query")
}

// BenchmarkBatch answers the timing set ten times on all processors and
// reports queries a second and the slowest hundredth.
func BenchmarkBatch(b *testing.B) {
	x := realIndex(b)
	raw, qs := perfQueries(b)
	raw = bytes.Repeat(raw, 10)
	for b.Loop() {
		before := cpuTime()
		sum, err := x.RunBatch(context.Background(), bytes.NewReader(raw), io.Discard, BatchOptions{Fields: FieldsName, Clock: monotonic()})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(sum.PerSecond, "queries/s")
		b.ReportMetric(float64(cpuTime()-before)/1e3/float64(sum.Queries), "cpu-us/query")
		b.ReportMetric(float64(sum.P50.Microseconds()), "p50-us")
		b.ReportMetric(float64(sum.P99.Microseconds()), "p99-us")
	}
	_ = qs
}

// cpuTime is the processor time of this process in nanoseconds: on a busy
// machine it says more than the clock.
func cpuTime() int64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return u.Utime.Nano() + u.Stime.Nano()
}

// BenchmarkBuild builds the index from entities already read.
func BenchmarkBuild(b *testing.B) {
	x := realIndex(b)
	var es []Entity
	for e := range x.Entities {
		es = append(es, e)
	}
	for b.Loop() {
		if _, err := Build(es, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkWith makes a delta of a hundred entities live.
func BenchmarkWith(b *testing.B) {
	x := realIndex(b)
	var es []Entity
	for e := range x.Entities {
		if len(es) < 100 {
			e.Names[0].Text += " Changed"
			es = append(es, e)
		}
	}
	for b.Loop() {
		if _, err := x.With(es, nil); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAffected asks a million parties of one's own again after a change of a
// hundred entities, and says how much memory a name takes.
func BenchmarkAffected(b *testing.B) {
	x := realIndex(b)
	var changed []Entity
	n := 0
	for e := range x.Entities {
		if n++; n%260 == 0 && len(changed) < 100 {
			e.Names = append(e.Names, Name{Text: e.Names[0].Text + " Changed", Kind: Alias})
			changed = append(changed, e)
		}
	}
	y, err := x.With(changed, nil)
	if err != nil {
		b.Fatal(err)
	}
	p := NewParties()
	names := backgroundNames()
	for i := range 1_000_000 {
		// Two ordinary names make one: a million different ones.
		a, c := names[i%len(names)].name, names[(i/len(names)*7+i)%len(names)].name
		if err := p.Add(strconv.Itoa(i), Query{Name: a + " " + strings.Fields(c)[0], Country: "XN"}); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		before := cpuTime()
		keys, err := p.Affected(context.Background(), x, y)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(keys)), "affected")
		b.ReportMetric(float64(cpuTime()-before)/1e9, "cpu-s")
	}
	b.ReportMetric(float64(p.Bytes())/float64(p.Len()), "bytes/name")
}

// BenchmarkReadSnapshot starts from a compiled snapshot in memory.
func BenchmarkReadSnapshot(b *testing.B) {
	x := realIndex(b)
	var w bytes.Buffer
	if err := x.WriteSnapshot(&w); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(w.Len()), "bytes")
	for b.Loop() {
		if _, err := ReadSnapshot(bytes.NewReader(w.Bytes()), Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkMemory reports the live heap of one index.
func BenchmarkMemory(b *testing.B) {
	x := realIndex(b)
	var w bytes.Buffer
	if err := x.WriteSnapshot(&w); err != nil {
		b.Fatal(err)
	}
	heap := func() uint64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	for b.Loop() {
		before := heap()
		y, err := ReadSnapshot(bytes.NewReader(w.Bytes()), Options{})
		if err != nil {
			b.Fatal(err)
		}
		after := heap()
		b.ReportMetric(float64(after-before)/(1<<20), "MB-live")
		runtime.KeepAlive(y)
	}
}
