package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/queryfile"
	"github.com/comity-project/comity/screening"
)

// searched are the flags that say what is searched, and for what.
type searched struct {
	Lists  string `help:"Corpus of listed parties as JSON lines, instead of the node's lists." type:"existingfile"`
	Top    int    `default:"20" help:"Answers to a query."`
	Fields string `default:"all" enum:"name,all" help:"What of a query is used: name or all."`
	Full   bool   `help:"Write whole answers instead of ids and scores."`
	because
	looking
}

// open gives what to search. app is nil where nothing goes on record: no node is
// configured, or a corpus is searched.
func (c searched) open(e *env) (app *node.App, x *node.Engines, err error) {
	if c.Lists == "" {
		return c.engines(e)
	}
	defer frugal()()
	f, err := os.Open(c.Lists)
	if err != nil {
		return nil, nil, err
	}
	entities, err := screening.ReadCorpus(f)
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, nil, err
	}
	index, err := screening.Build(entities, screening.Options{})
	return nil, &node.Engines{Index: index}, err
}

// frugal has the garbage of building an index collected early; the function it
// gives lets the program have a little more than it then holds. It costs about a
// sixth of the speed. Whoever set a limit of their own keeps it.
func frugal() (built func()) {
	if os.Getenv("GOMEMLIMIT") != "" || os.Getenv("GOGC") != "" {
		return func() {}
	}
	debug.SetMemoryLimit(48 << 20)
	return func() {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		debug.SetMemoryLimit(int64(m.HeapAlloc) + 40<<20)
	}
}

type screenBatch struct {
	Queries string `required:"" help:"Queries: CSV or XLSX with a heading, or JSON lines." type:"existingfile"`
	Out     string `short:"o" required:"" help:"File to write, of the same form as the queries; - for standard output." type:"path"`
	searched
}

// Run answers a file of queries. What was answered is kept beside the file to be
// written, so that a batch that was cut off goes on where it stood. The clock is
// read for the speed that is told, never for an answer.
func (c screenBatch) Run(e *env) error {
	format := queryfile.FormatOf(c.Queries)
	if format == "" {
		return fault.New(fault.Invalid, "screen.file.format")
	}
	if err := unwritten(c.Out); err != nil {
		return err
	}
	app, x, err := c.open(e)
	if err != nil {
		return err
	}
	if app != nil {
		defer app.Close()
	}
	j, err := c.journal(x.Index)
	if err != nil {
		return err
	}
	sum, err := c.answer(e, x, format, j)
	err = errors.Join(err, j.close())
	if app != nil && sum.Queries > 0 {
		// What was searched goes on record even when the person turned away.
		err = errors.Join(err, app.RecordBatch(context.WithoutCancel(e), operator(), node.Purpose(c.Purpose), c.About, sum.Queries, sum.Hits))
	}
	if err != nil {
		return err
	}
	if err := e.write(c.Out, func(w io.Writer) error { return c.merge(format, j, w) }); err != nil {
		return err
	}
	if err := j.remove(); err != nil {
		return err
	}
	p, err := e.printer()
	if err != nil {
		return err
	}
	if j.done > 0 {
		fmt.Fprintln(e.Stderr, p.T("screen.batch.went_on", "count", j.done))
	}
	fmt.Fprintln(e.Stderr, p.T("screen.text.batch", "queries", sum.Queries, "hits", sum.Hits, "speed", int(sum.PerSecond), "p50", sum.P50.String(), "p99", sum.P99.String()))
	if mb := residentMB(); mb > 0 {
		fmt.Fprintln(e.Stderr, p.T("screen.batch.memory", "mb", mb))
	}
	return nil
}

// answer appends an answer for each query to the journal.
func (c screenBatch) answer(e *env, x *node.Engines, format queryfile.Format, j *journal) (screening.BatchSummary, error) {
	queries, err := os.Open(c.Queries)
	if err != nil {
		return screening.BatchSummary{}, err
	}
	defer queries.Close()
	bar := e.progress("screening")
	total, err := countLines(format, queries)
	if err != nil {
		return screening.BatchSummary{}, err
	}
	progress := func(done int) {
		if bar != nil {
			bar(int64(done), total)
		}
	}
	start := time.Now()
	clock := func() int64 { return int64(time.Since(start)) }
	if format == queryfile.JSONL {
		return x.Index.RunBatch(e, queries, j, screening.BatchOptions{
			Fields: screening.Fields(c.Fields), Top: c.Top, Full: c.Full, Skip: j.done, Clock: clock, Progress: func(n int) { progress(j.done + n) },
		})
	}
	in, err := queryfile.Open(format, queries, anyLength)
	if err != nil {
		return screening.BatchSummary{}, err
	}
	defer in.Close()
	enc := json.NewEncoder(j)
	opt := screening.SearchOptions{Fields: screening.Fields(c.Fields), Limit: c.Top}
	sum, err := queryfile.Run(e, in, j.done, func(q screening.Query) queryfile.Result {
		return queryfile.Of(x.Index.Search(q, opt), nil, x.TitleOf)
	}, func(_ queryfile.Row, r queryfile.Result) error { return enc.Encode(r) }, progress)
	out := screening.BatchSummary{Queries: sum.Rows - sum.Problems, Hits: sum.WithHits, Elapsed: time.Since(start)}
	out.PerSecond = float64(out.Queries) / out.Elapsed.Seconds()
	return out, err
}

// anyLength bounds files on the command line: their owner has the machine.
var anyLength = queryfile.Limits{Rows: 50_000_000, Unpacked: 4 << 30}

// countLines gives the number of lines for the progress bar, -1 where counting
// would mean reading a workbook twice.
func countLines(format queryfile.Format, f *os.File) (n int64, err error) {
	if format == queryfile.XLSX {
		return -1, nil
	}
	buf := make([]byte, 64<<10)
	for {
		k, err := f.Read(buf)
		for _, b := range buf[:k] {
			if b == '\n' {
				n++
			}
		}
		if errors.Is(err, io.EOF) {
			_, err = f.Seek(0, io.SeekStart)
			return n, err
		}
		if err != nil {
			return 0, err
		}
	}
}

// merge writes the file that was asked for from the journal.
func (c screenBatch) merge(format queryfile.Format, j *journal, w io.Writer) error {
	answers, err := j.answers()
	if err != nil {
		return err
	}
	defer answers.Close()
	if format == queryfile.JSONL {
		_, err := io.Copy(w, answers)
		return err
	}
	queries, err := os.Open(c.Queries)
	if err != nil {
		return err
	}
	defer queries.Close()
	in, err := queryfile.Open(format, queries, anyLength)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := queryfile.Create(in, w)
	if err != nil {
		return err
	}
	dec := json.NewDecoder(answers)
	for {
		row, err := in.Next()
		if errors.Is(err, io.EOF) {
			return out.Close()
		}
		var r queryfile.Result
		if err == nil {
			err = dec.Decode(&r)
		}
		if err == nil {
			err = out.Write(row, r)
		}
		if err != nil {
			return errors.Join(err, out.Close())
		}
	}
}

// journal opens what an earlier run of the same batch left, or a new one.
func (c screenBatch) journal(x *screening.Index) (*journal, error) {
	f, err := os.Open(c.Queries)
	if err != nil {
		return nil, err
	}
	h := sha256.New()
	_, err = io.Copy(h, f)
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	about, err := json.Marshal(map[string]any{
		"queries": hex.EncodeToString(h.Sum(nil)), "index": x.Hash(), "engine": screening.EngineVersion, "fields": c.Fields, "top": c.Top, "full": c.Full,
	})
	if err != nil {
		return nil, err
	}
	if toStdout(c.Out) {
		tmp, err := os.CreateTemp("", "comity-screen-*")
		if err != nil {
			return nil, err
		}
		return openJournal(tmp, about)
	}
	part, err := os.OpenFile(c.Out+".part", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	return openJournal(part, about)
}

type screenStream struct {
	searched
}

// recordEvery is how many lines, and how much time, may pass before what was
// searched goes on record.
const (
	recordLines = 5000
	recordEvery = 10 * time.Second
)

// Run answers queries until the input ends. Lists that come into use meanwhile
// are searched from the next line on.
func (c screenStream) Run(e *env) error {
	app, x, err := c.open(e)
	if err != nil {
		return err
	}
	engines := func() *node.Engines { return x }
	var record func(screening.StreamSummary, bool) error
	if app != nil {
		defer app.Close()
		following, stop := context.WithCancel(e)
		defer stop()
		app.FollowLists(following)
		engines = func() *node.Engines {
			if fresh := app.EnginesReady(); fresh != nil {
				x = fresh
			}
			return x
		}
		// Refuse a purpose that does not hold before the first line, not after.
		if err := app.CheckPurpose(e, operator(), node.Purpose(c.Purpose), c.About); err != nil {
			return err
		}
		record = recorder(e, app, c.because)
	}
	var unrecorded error
	opt := screening.BatchOptions{Fields: screening.Fields(c.Fields), Top: c.Top, Full: c.Full}
	sum, err := screening.RunStream(e, e.Stdin, e.Stdout, screening.StreamOptions{
		Answer: func(out, line []byte) ([]byte, bool, error) {
			if unrecorded != nil {
				return out, false, errors.New("what was searched cannot be recorded: nothing more is searched")
			}
			return engines().Index.AnswerLine(out, line, opt)
		},
		Flushed: func(s screening.StreamSummary) {
			if record != nil && unrecorded == nil {
				unrecorded = record(s, false)
			}
		},
	})
	if errors.Is(err, context.Canceled) {
		err = nil
	}
	if record != nil && unrecorded == nil {
		unrecorded = record(sum, true)
	}
	return errors.Join(err, unrecorded)
}

// recorder puts on record what was searched since the last time.
func recorder(e *env, app *node.App, why because) func(s screening.StreamSummary, last bool) error {
	var before screening.StreamSummary
	at := time.Now()
	return func(s screening.StreamSummary, last bool) error {
		fresh := s.Queries - before.Queries
		if fresh == 0 || !last && fresh < recordLines && time.Since(at) < recordEvery {
			return nil
		}
		err := app.RecordBatch(context.WithoutCancel(e), operator(), node.Purpose(why.Purpose), why.About, fresh, s.Hits-before.Hits)
		before, at = s, time.Now()
		return err
	}
}
