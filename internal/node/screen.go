package node

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/node/queryfile"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/screening"
)

// ScreenRequest asks whom a party is like, and says why.
type ScreenRequest struct {
	Query   screening.Query
	Purpose Purpose
	About   string // reference of a case or licence, or the duty
	Top     int    // most hits; 0 means 20
	// Why says which hits are explained; nil means all.
	Why func(screening.Hit) bool
}

// Screened is the answer to a ScreenRequest. No hits means "nothing like this in
// the lists searched", never "no concern".
type Screened struct {
	Query       screening.Query
	Hits        []ScreenHit
	Searched    []ListInUse // lists of parties that were searched
	NotSearched []string    // lists that ought to be searched and are not loaded
	Index       screening.Searched
}

// ScreenHit is a hit with what an officer needs to judge it.
type ScreenHit struct {
	screening.Hit
	Why      screening.Explanation
	Means    assessment.ListKind
	List     ListInUse
	Disputed bool // an objection to the entry is open, was upheld or sent on
	index    *screening.Index
}

// Entity is the entry as it stands on the list.
func (h *ScreenHit) Entity() screening.Entity {
	e, _ := h.index.Entity(h.EntityID)
	return e
}

// Close are the hits that somebody must look at, Faint those that are no more
// alike than many ordinary names.
func (s *Screened) Close() (hits []ScreenHit) { return s.hits(false) }

// close counts them.
func (s *Screened) close() (n int) {
	for i := range s.Hits {
		if MustLook(s.Hits[i].Hit) {
			n++
		}
	}
	return n
}

// Faint are the hits that Close leaves out.
func (s *Screened) Faint() (hits []ScreenHit) { return s.hits(true) }

func (s *Screened) hits(faint bool) (out []ScreenHit) {
	for _, h := range s.Hits {
		if faint != MustLook(h.Hit) {
			out = append(out, h)
		}
	}
	return out
}

// maxQueryText bounds each text of a query, in characters.
const maxQueryText = 500

// Screen searches the lists in use and records that it was done. Hits on lists
// that are not public are kept from exporters.
func (a *App) Screen(ctx context.Context, actor access.Actor, r ScreenRequest) (Screened, error) {
	if !access.Can(actor, access.ScreenRun, access.Thing{}) {
		return Screened{}, fault.New(fault.NotFound, "fault.not_found")
	}
	r.About = strings.TrimSpace(r.About)
	if err := checkQuery(&r.Query); err != nil {
		return Screened{}, err
	}
	e, err := a.Engines(ctx)
	if err != nil {
		return Screened{}, err
	}
	a.records.searching.Add(1)
	out := e.ScreenFor(r.Query, r.Top, SeesAllLists(actor), r.Why)
	a.records.searching.Add(-1)
	if err := a.recordScreening(ctx, actor, out.record(actor, r), r.Query); err != nil {
		return Screened{}, err
	}
	if len(out.Hits) == 0 {
		return out, nil
	}
	d, err := a.disputes(ctx)
	d.mark(&out)
	return out, err
}

// checkQuery refuses what cannot be searched.
func checkQuery(q *screening.Query) error {
	q.Name = strings.TrimSpace(q.Name)
	bad := fault.New(fault.Invalid, "screen.invalid")
	if q.Name == "" && len(q.IDs) == 0 {
		bad.Field("name", "screen.name_needed")
	}
	for _, t := range append([]string{q.Name, q.Address, q.Country, q.Birth}, q.Aliases...) {
		if utf8.RuneCountInString(t) > maxQueryText {
			return bad.Field("name", "screen.name_long", "max", maxQueryText)
		}
	}
	return bad.Or()
}

// RecordBatch records that a file of queries was screened against the lists in
// use: how many, not whom.
func (a *App) RecordBatch(ctx context.Context, actor access.Actor, purpose Purpose, about string, queries, withHits int) error {
	e, err := a.Engines(ctx)
	if err != nil {
		return err
	}
	out := e.ScreenFor(screening.Query{}, 1, SeesAllLists(actor), MustLook)
	rec := out.record(actor, ScreenRequest{Purpose: purpose, About: about})
	rec.Queries, rec.WithHits, rec.Hits = queries, withHits, 0
	return a.Do(ctx, actor, recordedScreening{func() ScreeningRecorded { return rec }})
}

// CheckPurpose tells whether somebody may screen for a purpose, before much is
// screened: RecordBatch refuses it afterwards.
func (a *App) CheckPurpose(ctx context.Context, actor access.Actor, purpose Purpose, about string) error {
	if !access.Can(actor, access.ScreenRun, access.Thing{}) {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	return a.db.View(ctx, func(st *store.Tx) error {
		t := &Tx{Tx: st, app: a, Actor: actor}
		return t.checkPurpose(&ScreeningRecorded{Purpose: purpose, About: strings.TrimSpace(about)})
	})
}

// SeesAllLists tells whether somebody may be told of hits on lists that are not
// public: people of the authority may, exporters may not.
func SeesAllLists(actor access.Actor) bool {
	return actor.System || !actor.Has(access.ExporterUser)
}

func (s *Screened) record(actor access.Actor, r ScreenRequest) ScreeningRecorded {
	roles := make([]string, len(actor.Roles))
	for i, x := range actor.Roles {
		roles[i] = string(x)
	}
	slices.Sort(roles)
	if actor.System {
		roles = []string{"system"}
	}
	rec := ScreeningRecorded{
		Purpose: r.Purpose, About: r.About, Roles: strings.Join(roles, " "), Index: s.Index.IndexHash, Queries: 1, Hits: s.close(),
	}
	if rec.Hits > 0 {
		rec.WithHits = 1
	}
	for _, l := range s.Searched {
		rec.Lists = append(rec.Lists, l.ID+" "+l.Document)
	}
	return rec
}

// ScreenFor searches without recording: what Screen and the case's own
// assessment share. all says whether lists that are not public count, why
// which hits are explained.
func (e *Engines) ScreenFor(q screening.Query, top int, all bool, why func(screening.Hit) bool) Screened {
	if top <= 0 {
		top = 20
	}
	limit := top
	if !all {
		limit = 100 // some will be left out
	}
	answer, whys := e.Index.Explained(q, screening.SearchOptions{Limit: limit}, why)
	out := Screened{Query: q, Index: answer.Searched, NotSearched: e.NotSearched, Searched: e.held[0]}
	if all {
		out.Searched = e.held[1]
	}
	for i, h := range answer.Hits {
		list := e.listOf(h.List)
		if !all && !list.Public || len(out.Hits) == top {
			continue
		}
		out.Hits = append(out.Hits, ScreenHit{Hit: h, Why: whys[i], List: list, Means: e.Lists[h.List].Kind, index: e.Index})
	}
	return out
}

// MustLook tells whether somebody must look at a hit: it is more alike than
// ordinary names are.
func MustLook(h screening.Hit) bool { return h.Band != screening.Weakly || h.ByID }

// ResultOf searches for one row of a file, without recording. all says whether
// lists that are not public count.
func (e *Engines) ResultOf(q screening.Query, all bool) queryfile.Result {
	opt := screening.SearchOptions{Limit: 20}
	if !all {
		opt.Limit = 100 // some will be left out
	}
	return queryfile.Of(e.Index.Search(q, opt),
		func(h screening.Hit) bool { return all || e.listOf(h.List).Public },
		e.TitleOf)
}

// TitleOf names the list that a hit is on.
func (e *Engines) TitleOf(h screening.Hit) string { return e.listOf(h.List).Title }

func (e *Engines) listOf(name string) ListInUse {
	if l := e.named[name]; l != nil {
		return *l
	}
	return ListInUse{ID: name, Title: name}
}

// ScreeningVolumes is what was screened outside cases, month by month, for who
// may audit it. before is a month, "" for the latest.
func (a *App) ScreeningVolumes(ctx context.Context, actor access.Actor, before string) (out []store.Volume, err error) {
	if !access.Can(actor, access.ScreenAudit, access.Thing{}) {
		return nil, fault.New(fault.NotFound, "fault.not_found")
	}
	err = a.db.View(ctx, func(t *store.Tx) error {
		out, err = t.ScreeningVolumes(before, VolumeMonths)
		return err
	})
	return out, err
}

// VolumeMonths is how many months one page of volumes shows.
const VolumeMonths = 12

// screeningEvents are the shapes of what screening puts on record.
func screeningEvents() []event.Event {
	return []event.Event{ScreeningRecorded{}, WatchRaised{}, WatchSettled{}}
}
