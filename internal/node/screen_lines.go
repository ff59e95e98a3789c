package node

import (
	"context"
	"runtime"
	"sync"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/lists"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/screening"
)

// LinesRequest is what all lines of a ScreenLines have in common.
type LinesRequest struct {
	Purpose Purpose
	About   string // reference of a case or licence, or the duty
	Top     int    // most hits of a line; 0 means 20
	Explain bool   // the hits that somebody must look at
}

// LineAnswered is the answer to one line.
type LineAnswered struct {
	QID     string
	Answer  *Screened // nil where the line could not be read
	Problem string    // in plain English, for the maker of a program
}

// ScreenLines answers many parties, one JSON object a line as query files have
// them, and records how many they were. give gets the answers in order, once
// they are on record.
func (a *App) ScreenLines(ctx context.Context, actor access.Actor, r LinesRequest, lines [][]byte, give func(LineAnswered) error) error {
	if err := a.CheckPurpose(ctx, actor, r.Purpose, r.About); err != nil {
		return err
	}
	e, err := a.Engines(ctx)
	if err != nil {
		return err
	}
	why := func(h screening.Hit) bool { return r.Explain && MustLook(h) }
	out := make([]LineAnswered, len(lines))
	var wg sync.WaitGroup
	workers := min(runtime.GOMAXPROCS(0), len(lines))
	for w := range workers {
		wg.Go(func() {
			for i := w; i < len(lines); i += workers {
				out[i] = e.answerLine(lines[i], r.Top, SeesAllLists(actor), why)
			}
		})
	}
	wg.Wait()
	queries, withHits := 0, 0
	for _, l := range out {
		if l.Answer == nil {
			continue
		}
		if queries++; l.Answer.close() > 0 {
			withHits++
		}
	}
	if queries > 0 {
		if err := a.RecordBatch(ctx, actor, r.Purpose, r.About, queries, withHits); err != nil {
			return err
		}
	}
	d, err := a.disputes(ctx)
	if err != nil {
		return err
	}
	for _, l := range out {
		if l.Answer != nil {
			d.mark(l.Answer)
		}
		if err := give(l); err != nil {
			return err
		}
	}
	return nil
}

func (e *Engines) answerLine(line []byte, top int, all bool, why func(screening.Hit) bool) LineAnswered {
	qid, q, err := screening.ParseQuery(line)
	out := LineAnswered{QID: qid}
	switch {
	case err != nil:
		out.Problem = "the line is no JSON object of a party: " + err.Error()
	case checkQuery(&q) != nil:
		out.Problem = "neither name nor number, or a text of more than 500 characters"
	default:
		s := e.ScreenFor(q, top, all, why)
		out.Answer = &s
	}
	return out
}

// disputes are the entries against which an objection is open, was upheld or
// sent on, by list.
type disputes map[string]map[string]bool

func (a *App) disputes(ctx context.Context) (disputes, error) {
	return a.disputed.get(a, struct{}{}, func() (disputes, error) {
		out := disputes{}
		err := a.db.View(ctx, func(t *store.Tx) error {
			return t.Disputed(string(lists.Declined), func(list, entry string) {
				if out[list] == nil {
					out[list] = map[string]bool{}
				}
				out[list][entry] = true
			})
		})
		return out, fault.Wrap(err, "node: disputed entries")
	})
}

func (d disputes) mark(s *Screened) {
	for i := range s.Hits {
		h := &s.Hits[i]
		h.Disputed = d[h.List.ID][h.EntityID]
	}
}
