package controls

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// MaxBatch bounds the queries of one batch.
const MaxBatch = 5_000_000

// BatchLine is one line of a batch's answer.
type BatchLine struct {
	ID         string           `json:"id"`
	Status     Status           `json:"status"`
	Candidates []BatchCandidate `json:"candidates"`
	CatchAll   string           `json:"catch_all"`
	Reasons    []string         `json:"reasons"`
}

// BatchCandidate is an entry of a batch's answer.
type BatchCandidate struct {
	Code  string  `json:"code"`
	Score float64 `json:"score"`
}

// Batch classifies queries, one JSON object a line. It reads the fields id,
// description and product of each and nothing else, and writes one line for
// each in the same order. It returns how many it answered; the error names the
// line (*ParseError).
func (c *Classifier) Batch(r io.Reader, w io.Writer) (int, error) {
	sc := bufio.NewScanner(r)
	sc.Buffer(make([]byte, 0, 64<<10), MaxLine)
	out := bufio.NewWriter(w)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	line, n := 0, 0
	seen := map[string]bool{}
	for sc.Scan() {
		line++
		b := bytes.TrimSpace(bytes.TrimPrefix(sc.Bytes(), []byte("\xef\xbb\xbf")))
		if len(b) == 0 {
			continue
		}
		if !utf8.Valid(b) {
			return n, &ParseError{Line: line, Why: "not UTF-8"}
		}
		var q struct {
			ID          string `json:"id"`
			Description string `json:"description"`
			Product     string `json:"product"`
		}
		if err := json.Unmarshal(b, &q); err != nil {
			return n, &ParseError{Line: line, Why: plainJSON(err)}
		}
		switch {
		case q.ID == "":
			return n, &ParseError{Line: line, Field: "id", Why: "missing"}
		case seen[q.ID]:
			return n, &ParseError{Line: line, Field: "id", Why: q.ID + " occurs twice"}
		case n >= MaxBatch:
			return n, &ParseError{Line: line, Why: fmt.Sprintf("more than %d queries", MaxBatch)}
		}
		seen[q.ID] = true
		if err := enc.Encode(c.batchLine(q.ID, Item{Name: q.Product, Description: q.Description})); err != nil {
			return n, err
		}
		n++
	}
	if err := sc.Err(); err != nil {
		why := err.Error()
		if errors.Is(err, bufio.ErrTooLong) {
			why = fmt.Sprintf("line longer than %d bytes", MaxLine)
		}
		return n, &ParseError{Line: line + 1, Why: why}
	}
	return n, out.Flush()
}

func (c *Classifier) batchLine(id string, it Item) BatchLine {
	res := c.Classify(it)
	l := BatchLine{ID: id, Status: res.Status, CatchAll: res.CatchAll.Answer, Reasons: res.Reasons, Candidates: []BatchCandidate{}}
	for _, cand := range res.Candidates {
		if c.lists != nil && !strings.EqualFold(regimeOf(cand.List), c.primary) {
			continue
		}
		l.Candidates = append(l.Candidates, BatchCandidate{cand.Code, cand.Score})
	}
	return l
}
