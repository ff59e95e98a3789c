package screening

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"time"
)

// BatchOptions tune RunBatch.
type BatchOptions struct {
	Fields  Fields // what of a query is used
	Top     int    // results a query; 0 means 20
	Workers int    // 0 means the number of CPUs
	Full    bool   // write whole answers instead of ids and scores
	Skip    int    // queries at the start that are passed over: to go on
	// Clock returns a monotonic time in nanoseconds for "us" and the summary;
	// nil leaves both at zero, so that output depends on input alone.
	Clock func() int64
	// Progress, if set, is called now and then with the number of answers
	// written.
	Progress func(done int)
}

// BatchSummary tells how a batch went.
type BatchSummary struct {
	Queries            int           `json:"queries"`
	Hits               int           `json:"queries_with_hits"`
	Elapsed            time.Duration `json:"elapsed_ns"`
	PerSecond          float64       `json:"per_second"`
	P50, P90, P99, Max time.Duration
}

// batchQuery is a line of a query file. The party may stand flat in the line as
// well. Expected and category, which evaluation sets carry, are read by Evaluate.
type batchQuery struct {
	QID      string     `json:"qid"`
	Query    batchParty `json:"query"`
	Expected []string   `json:"expected,omitempty"`
	Category string     `json:"category,omitempty"`
}

type batchParty struct {
	Name      string     `json:"name"`
	Aliases   []string   `json:"aliases"`
	Type      string     `json:"type"`
	Country   string     `json:"country"`
	Birthdate string     `json:"birthdate"`
	Birth     string     `json:"birth"`
	Address   string     `json:"address"`
	IDs       []corpusID `json:"ids"`
}

func (p batchParty) query() Query {
	if p.Birthdate == "" {
		p.Birthdate = p.Birth
	}
	q := Query{Name: p.Name, Aliases: p.Aliases, Type: ParseType(p.Type), Country: p.Country, Birth: p.Birthdate, Address: p.Address}
	for _, id := range p.IDs {
		q.IDs = append(q.IDs, Ident{Kind: kindOf(id.Type), Value: id.Value, Country: id.Country})
	}
	return q
}

type batchJob struct {
	lines []numbered
	out   []byte
	took  []int64
	hits  int
	err   error
	done  chan struct{}
}

// RunBatch answers a file of queries, one JSON object a line, with one line an
// answer, {"qid","results":[{"id","score"}],"us"}, in the same order. Answers
// do not depend on each other. A line it can't read ends the batch with an
// error that names it; what was answered before has been written.
func (x *Index) RunBatch(ctx context.Context, r io.Reader, w io.Writer, opt BatchOptions) (BatchSummary, error) {
	workers := opt.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	so := SearchOptions{Fields: opt.Fields, Limit: opt.Top}
	clock := opt.Clock
	if clock == nil {
		clock = func() int64 { return 0 }
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	jobs := make(chan *batchJob, workers)
	order := make(chan *batchJob, 4*workers)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for j := range jobs {
				x.runJob(j, so, opt.Full, clock)
				close(j.done)
			}
		})
	}
	start := clock()
	var readErr error
	wg.Go(func() {
		defer close(order)
		defer close(jobs)
		readErr = readLines(r, opt.Skip, func(lines []numbered) bool {
			j := &batchJob{lines: lines, done: make(chan struct{})}
			select {
			case <-ctx.Done():
				return false
			case jobs <- j:
			}
			select {
			case <-ctx.Done():
				return false
			case order <- j:
			}
			return true
		})
	})
	bw := bufio.NewWriterSize(w, 64<<10)
	var sum BatchSummary
	var took []int64
	var err error
	for j := range order {
		<-j.done
		if err != nil {
			continue
		}
		if _, e := bw.Write(j.out); e != nil {
			err = e
		}
		if err == nil {
			err = j.err
		}
		sum.Queries += len(j.took)
		sum.Hits += j.hits
		took = append(took, j.took...)
		if err != nil {
			stop()
			continue
		}
		if opt.Progress != nil {
			opt.Progress(sum.Queries)
		}
	}
	wg.Wait()
	if err == nil {
		err = readErr
	}
	if err == nil && ctx.Err() != nil {
		err = ctx.Err()
	}
	if e := bw.Flush(); err == nil {
		err = e
	}
	sum.finish(took, clock()-start)
	return sum, err
}

func (s *BatchSummary) finish(took []int64, elapsed int64) {
	s.Elapsed = time.Duration(elapsed)
	if elapsed > 0 {
		s.PerSecond = float64(s.Queries) / s.Elapsed.Seconds()
	}
	if len(took) == 0 {
		return
	}
	slices.Sort(took)
	at := func(p int) time.Duration { return time.Duration(took[(len(took)-1)*p/100]) }
	s.P50, s.P90, s.P99, s.Max = at(50), at(90), at(99), at(100)
}

// batchLines is how many queries one worker takes at a time.
const batchLines = 64

// numbered is a line of a file with its number, from 1.
type numbered struct {
	n    int
	text []byte
}

// readLines gives the lines of a file that hold something, some at a time,
// without the first skip of them.
func readLines(r io.Reader, skip int, give func([]numbered) bool) error {
	sc := bufio.NewScanner(r)
	sc.Buffer(make([]byte, 64<<10), maxLine)
	var lines []numbered
	n := 0
	for sc.Scan() {
		n++
		line := bytes.TrimSpace(sc.Bytes())
		if len(line) == 0 {
			continue
		}
		if skip > 0 {
			skip--
			continue
		}
		lines = append(lines, numbered{n, slices.Clone(line)})
		if len(lines) == batchLines {
			if !give(lines) {
				return nil
			}
			lines = nil
		}
	}
	if len(lines) > 0 {
		give(lines)
	}
	if err := sc.Err(); err != nil {
		return fmt.Errorf("screening: after line %d: %w", n, err)
	}
	return nil
}

func (x *Index) runJob(j *batchJob, so SearchOptions, full bool, clock func() int64) {
	for _, line := range j.lines {
		t := clock()
		out, hit, err := x.answerLine(j.out, line.text, so, full, func() int64 { return clock() - t })
		if err != nil {
			j.err = fmt.Errorf("screening: line %d: %w", line.n, err)
			return
		}
		j.out = out
		j.took = append(j.took, clock()-t)
		if hit {
			j.hits++
		}
	}
}

// answerLine appends the answer to one line, and tells whether there was a hit.
func (x *Index) answerLine(out, line []byte, so SearchOptions, full bool, since func() int64) ([]byte, bool, error) {
	q, err := readQuery(line)
	if err != nil {
		return out, false, err
	}
	if !full {
		fs := x.strengths(q.Query.query(), so)
		return x.appendResult(out, q.QID, fs, since()/1000), len(fs) > 0, nil
	}
	a := x.Search(q.Query.query(), so)
	b, err := json.Marshal(struct {
		QID    string `json:"qid"`
		Answer Answer `json:"answer"`
		US     int64  `json:"us"`
	}{q.QID, a, since() / 1000})
	if err != nil {
		return out, false, err
	}
	return append(append(out, b...), '\n'), len(a.Hits) > 0, nil
}

// readQuery reads a line of a query file: the party under "query", or flat.
func readQuery(line []byte) (q batchQuery, err error) {
	if err := json.Unmarshal(line, &q); err != nil {
		return q, err
	}
	if q.Query.Name == "" && len(q.Query.IDs) == 0 {
		err = json.Unmarshal(line, &q.Query)
	}
	return q, err
}

// ParseQuery reads one line of a query file, for doors that answer lines in
// their own way.
func ParseQuery(line []byte) (qid string, q Query, err error) {
	b, err := readQuery(line)
	return b.QID, b.Query.query(), err
}

// strengths is Search without the dressing: entities and scores.
func (x *Index) strengths(q Query, so SearchOptions) []found {
	so = so.normal()
	s := x.pool.Get().(*scratch)
	defer x.pool.Put(s)
	fs, _, _ := x.find20(s, q, so)
	return fs
}

func (x *Index) appendResult(b []byte, qid string, fs []found, us int64) []byte {
	b = append(b, `{"qid":`...)
	b = appendJSON(b, qid)
	b = append(b, `,"results":[`...)
	for i, f := range fs {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"id":`...)
		b = appendJSON(b, x.ents.id(int(f.ent)))
		b = append(b, `,"score":`...)
		b = strconv.AppendFloat(b, f.score, 'f', -1, 64)
		b = append(b, '}')
	}
	b = append(b, `],"us":`...)
	b = strconv.AppendInt(b, us, 10)
	return append(b, "}\n"...)
}

func appendJSON(b []byte, s string) []byte {
	j, err := json.Marshal(s)
	if err != nil { // strings always marshal
		return append(b, `""`...)
	}
	return append(b, j...)
}
