// Package queryfile reads files of parties to be screened, CSV, XLSX or JSON
// lines, and writes the same with the results beside. What it cannot read in a
// row is said in that row; what it cannot read in the file is a fault.
package queryfile

import (
	"context"
	"errors"
	"io"
	"path"
	"runtime"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/screening"
)

// Format is a kind of file.
type Format string

// The kinds of files.
const (
	CSV   Format = "csv"
	XLSX  Format = "xlsx"
	JSONL Format = "jsonl"
)

// FormatOf tells the kind of a file by its name; "" where it is none of them.
func FormatOf(name string) Format {
	switch ext := strings.ToLower(path.Ext(name)); ext {
	case ".csv", ".tsv", ".txt":
		return CSV
	case ".xlsx":
		return XLSX
	case ".jsonl", ".ndjson":
		return JSONL
	}
	return ""
}

// Limits bound a file.
type Limits struct {
	Rows     int   // most parties
	Unpacked int64 // most bytes that an XLSX may unpack to
}

// DefaultLimits are those of files that people upload.
var DefaultLimits = Limits{Rows: 100_000, Unpacked: 256 << 20}

// maxText bounds each text of a query, in characters: what is longer is not
// searched, and its row says so.
const maxText = 500

// Row is one party of a file.
type Row struct {
	Line    int      // of the file, from 1; of a workbook its row
	Cells   []string // as they came; of JSON lines none
	QID     string   // of JSON lines
	Query   screening.Query
	Problem Outcome // why it is not searched; "" where it is
}

// Outcome is a result in one word, the same in every language.
type Outcome string

// The outcomes. NoneClose is no clearance: it says that nothing like the name is
// on the lists that were searched.
const (
	Strong    Outcome = "strong"
	Possible  Outcome = "possible"
	NoneClose Outcome = "none close"
	Unread    Outcome = "unread"    // nothing in the name could be read
	NoName    Outcome = "no name"   // neither a name nor a number stands in the row
	TooLong   Outcome = "too long"  // a text is longer than is read
	NotJSON   Outcome = "not a row" // a line that is no JSON object
)

// Result is what a search says of one party.
type Result struct {
	Outcome   Outcome  `json:"result"`
	Hits      int      `json:"hits"` // that somebody must look at
	Name      string   `json:"closest,omitempty"`
	Matched   string   `json:"matched,omitempty"` // the listed name that agrees best, where it is another
	List      string   `json:"list,omitempty"`
	Entry     string   `json:"entry,omitempty"`
	Score     float64  `json:"score,omitempty"`
	AlertRate float64  `json:"alert_rate,omitempty"`
	ByID      bool     `json:"by_id,omitempty"`
	Ambiguous bool     `json:"ambiguous,omitempty"`
	AskFor    []string `json:"ask_for,omitempty"`
}

// Of makes a result of an answer. keep says which hits count; list names the
// list of a hit. Either may be nil.
func Of(a screening.Answer, keep func(screening.Hit) bool, list func(screening.Hit) string) Result {
	r := Result{Outcome: NoneClose}
	if a.Searched.Unread {
		r.Outcome = Unread
	}
	for _, h := range a.Hits {
		if keep != nil && !keep(h) || h.Band == screening.Weakly && !h.ByID {
			continue
		}
		if r.Hits++; r.Hits > 1 {
			continue
		}
		r.Outcome, r.Name, r.List, r.Entry, r.Score, r.AlertRate, r.ByID = Possible, h.Shown, h.List, h.EntityID, h.Score, h.AlertRate, h.ByID
		r.Ambiguous, r.AskFor = h.Ambiguous, h.AskFor
		if h.Band == screening.Strong || h.ByID {
			r.Outcome = Strong
		}
		if h.Matched != h.Shown {
			r.Matched = h.Matched
		}
		if list != nil {
			r.List = list(h)
		}
	}
	return r
}

// Reader gives the rows of a file, io.EOF after the last.
type Reader interface {
	Next() (Row, error)
	Close() error
}

// Writer writes rows with their results; Close ends the file.
type Writer interface {
	Write(Row, Result) error
	Close() error
}

// Open begins to read a file. Its name matters for messages alone.
func Open(format Format, r io.Reader, limits Limits) (Reader, error) {
	switch format {
	case CSV:
		return openCSV(r, limits)
	case XLSX:
		return openXLSX(r, limits)
	case JSONL:
		return openJSONL(r, limits), nil
	}
	return nil, fault.New(fault.Invalid, "screen.file.format")
}

// Create begins to write results in the form in which rows are read from in.
func Create(in Reader, w io.Writer) (Writer, error) {
	switch in := in.(type) {
	case *csvReader:
		return createCSV(in, w)
	case *xlsxReader:
		return createXLSX(in, w)
	}
	return createJSONL(w), nil
}

// Summary is how a file went.
type Summary struct {
	Rows     int `json:"rows"`
	WithHits int `json:"with_hits"` // with a hit that somebody must look at
	Problems int `json:"problems"`  // not searched
}

// chunk is how many rows are searched at a time.
const chunk = 512

// Run answers the rows of a file in order, on all processors, without the first
// skip of them. answer must be safe for concurrent use. progress, which may be
// nil, is told how many rows are done, the skipped ones included.
func Run(ctx context.Context, in Reader, skip int, answer func(screening.Query) Result, write func(Row, Result) error, progress func(done int)) (Summary, error) {
	var sum Summary
	rows := make([]Row, 0, chunk)
	results := make([]Result, chunk)
	for at, end := 0, false; !end; {
		rows = rows[:0]
		for len(rows) < chunk {
			row, err := in.Next()
			if errors.Is(err, io.EOF) {
				end = true
				break
			}
			if err != nil {
				return sum, err
			}
			if at++; at > skip {
				rows = append(rows, row)
			}
		}
		searchAll(rows, results, answer)
		for i, row := range rows {
			if err := write(row, results[i]); err != nil {
				return sum, err
			}
			sum.count(row, results[i])
		}
		if progress != nil {
			progress(max(at, skip))
		}
		if err := ctx.Err(); err != nil {
			return sum, err
		}
	}
	return sum, nil
}

func (s *Summary) count(row Row, r Result) {
	s.Rows++
	if r.Hits > 0 {
		s.WithHits++
	}
	if row.Problem != "" {
		s.Problems++
	}
}

func searchAll(rows []Row, results []Result, answer func(screening.Query) Result) {
	var wg sync.WaitGroup
	workers := min(runtime.GOMAXPROCS(0), len(rows))
	for w := range workers {
		wg.Go(func() {
			for i := w; i < len(rows); i += workers {
				if results[i] = (Result{Outcome: rows[i].Problem}); rows[i].Problem == "" {
					results[i] = answer(rows[i].Query)
				}
			}
		})
	}
	wg.Wait()
}

// check says why a query is not searched.
func check(q *screening.Query) Outcome {
	q.Name = strings.TrimSpace(q.Name)
	if q.Name == "" && len(q.IDs) == 0 {
		return NoName
	}
	for _, t := range append([]string{q.Name, q.Address, q.Country, q.Birth}, q.Aliases...) {
		if utf8.RuneCountInString(t) > maxText {
			return TooLong
		}
	}
	for _, id := range q.IDs {
		if utf8.RuneCountInString(id.Value) > maxText {
			return TooLong
		}
	}
	return ""
}
