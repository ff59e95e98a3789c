package node

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/screening"
)

// records gathers screenings on their way to the ledger. Those that wait for the
// writer at the same moment and differ in nothing but whom they asked about share
// one event, so that a stream of requests does not cost a stream of events. Each
// waits until its event is on disk: what was answered is on record.
type records struct {
	searching atomic.Int64 // screenings under way, which will be put on record soon
	mu        sync.Mutex
	open      map[recordKey]*record // guarded by mu: those that still take more
}

// recordKey is what screenings of one event have in common.
type recordKey struct {
	account, org, roles, compartments string
	purpose                           Purpose
	about, index, lists               string
}

// record is one event in the making.
type record struct {
	key   recordKey
	event ScreeningRecorded // guarded by records.mu until it is taken
	done  chan struct{}
	err   error // set before done is closed
}

const (
	// maxRecord bounds the screenings of one event.
	maxRecord = 512
	// recordPause is how long the first waits for those that are being searched.
	// Whoever asks alone does not wait.
	recordPause = time.Millisecond
)

// recordScreening puts one party's screening on record, together with others that
// wait. Whoever turns away meanwhile leaves it on its way.
func (a *App) recordScreening(ctx context.Context, actor access.Actor, e ScreeningRecorded, q screening.Query) error {
	r, first := a.records.join(recordKey{
		actor.Account, actor.Org, e.Roles, strings.Join(actor.Compartments, " "), e.Purpose, e.About, e.Index, strings.Join(e.Lists, " "),
	}, e, q)
	if first {
		if a.records.searching.Load() > 0 {
			time.Sleep(recordPause)
		}
		r.err = a.Do(context.WithoutCancel(ctx), actor, recordedScreening{func() ScreeningRecorded { return a.records.take(r) }})
		a.records.take(r) // where the command was refused before it ran
		close(r.done)
		return r.err
	}
	select {
	case <-r.done:
		return r.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// join adds a screening to what waits, and tells whether it is the first.
func (rs *records) join(key recordKey, e ScreeningRecorded, q screening.Query) (r *record, first bool) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	r = rs.open[key]
	if r == nil {
		e.Query, e.Salt.Value = hashQuery(q)
		r = &record{key: key, event: e, done: make(chan struct{})}
		if rs.open == nil {
			rs.open = map[recordKey]*record{}
		}
		rs.open[key] = r
		return r, true
	}
	t := &r.event
	t.Queries, t.WithHits, t.Hits = t.Queries+e.Queries, t.WithHits+e.WithHits, t.Hits+e.Hits
	t.More = append(t.More, HashOfQuery(t.Salt.Value, q))
	if t.Queries >= maxRecord {
		delete(rs.open, key)
	}
	return r, false
}

// take gives the event as it is to be written; from then on nothing joins it.
func (rs *records) take(r *record) ScreeningRecorded {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if rs.open[r.key] == r {
		delete(rs.open, r.key)
	}
	e := r.event
	e.More = slices.Clone(e.More)
	return e
}
