package node

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/lists"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/policy"
	"github.com/comity-project/comity/screening"
)

// watched holds the parties of open cases, live licences and refusals in memory,
// to be asked which of them a change of a list is about. It is read from the
// cases when it is first needed, and kept up with those that changed since.
type watched struct {
	mu      sync.Mutex
	parties *screening.Parties // guarded by mu
	upTo    store.ChangedCase  // guarded by mu: the last case that is in it
}

const (
	// watchedPage bounds the cases that are read at once.
	watchedPage = 500
	// watchedAgain is how far back cases are read again: two that changed in one
	// instant may have been committed one after the other.
	watchedAgain = time.Second
)

// affected gives the cases whose parties are like what came, went or changed
// when a version of a list came into use.
func (a *App) affected(ctx context.Context, list, version string) ([]string, error) {
	e, err := a.Engines(ctx)
	if err != nil {
		return nil, err
	}
	before, err := a.indexBefore(ctx, e, list, version)
	if err != nil {
		return nil, err
	}
	a.watched.mu.Lock()
	defer a.watched.mu.Unlock()
	if err := a.catchUp(ctx); err != nil {
		return nil, err
	}
	return a.watched.parties.Affected(ctx, before, e.Index)
}

// indexBefore is the index as it was before a version of a list came into use:
// the present one with the entries of the version before it.
func (a *App) indexBefore(ctx context.Context, e *Engines, list, version string) (*screening.Index, error) {
	s, err := a.listState(ctx, list)
	if err != nil {
		return nil, err
	}
	means, err := meanings()
	if err != nil {
		return nil, err
	}
	var old []screening.Entity
	was := map[string]bool{}
	if v := versionBefore(s, version); v != nil {
		doc, err := a.listDocument(ctx, v.Object, v.Document)
		if err != nil {
			return nil, err
		}
		if old, err = storedEntities(doc); err != nil {
			return nil, err
		}
		for i := range old {
			was[old[i].ID] = true
			if to, ok := means[list].Rename[old[i].List]; ok {
				old[i].List = to
			}
		}
	}
	var fresh []string
	names := map[string]bool{}
	for _, l := range e.InUse {
		for _, n := range l.Names {
			names[n] = names[n] || l.ID == list
		}
	}
	for x := range e.Index.Entities {
		if names[x.List] && !was[x.ID] {
			fresh = append(fresh, x.ID)
		}
	}
	return e.Index.With(old, fresh)
}

// versionBefore is the version that was in use before another was, nil where
// there was none.
func versionBefore(s *lists.State, version string) *lists.Version {
	for i := len(s.InUse) - 1; i > 0; i-- {
		if s.InUse[i].Version == version {
			return versionOf(s, s.InUse[i-1].Version)
		}
	}
	return nil
}

// catchUp reads the cases that changed since the last time. The caller holds
// watched.mu.
func (a *App) catchUp(ctx context.Context) error {
	w := &a.watched
	at := w.upTo
	if !at.Changed.IsZero() {
		at = store.ChangedCase{Changed: at.Changed.Add(-watchedAgain)}
	}
	fresh := screening.NewParties()
	read := map[string]bool{} // cases that are in it already, where there are any
	for {
		var page []store.ChangedCase
		if err := a.db.View(ctx, func(t *store.Tx) (err error) {
			if page, err = t.ChangedCases(at, watchedPage); err != nil {
				return err
			}
			for _, x := range page {
				if read[x.ID] {
					continue
				}
				if w.parties != nil {
					read[x.ID] = true
				}
				if err := a.watchCase(t, x.ID, fresh); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
		if len(page) == 0 {
			break
		}
		at = page[len(page)-1]
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	switch {
	case w.parties == nil:
		w.parties = fresh
	case len(read) > 0:
		rest := w.parties.Without(read)
		if err := rest.Join(fresh); err != nil {
			return err
		}
		w.parties = rest
	}
	w.upTo = at
	return nil
}

// watchCase puts the parties of a case in, unless nothing hangs on it any more.
func (a *App) watchCase(t *store.Tx, id string, into *screening.Parties) error {
	var c licensing.Case
	if _, err := t.Load(CaseStream(id), &c); err != nil {
		return err
	}
	if live, err := a.stillMatters(t, &c); err != nil || !live {
		return err
	}
	for _, p := range CaseInput(&c, policy.DateOf(a.Now()), nil).Parties {
		ids := make([]screening.Ident, len(p.IDs))
		for i, x := range p.IDs {
			ids[i] = screening.Ident{Kind: x.Kind, Value: x.Value, Country: x.Country}
		}
		// Each name by itself: whatever weight a name has in the case's own
		// screening, the party is asked again when it is like what changed.
		for _, n := range slices.Concat(p.Names, p.Units, p.Owners) {
			if err := into.Add(id, screening.Query{Name: n, IDs: ids}); err != nil {
				return err
			}
		}
	}
	return nil
}

// stillMatters tells whether a case is open, or its licence is in force, or it
// was a refusal.
func (a *App) stillMatters(t *store.Tx, c *licensing.Case) (bool, error) {
	if c.App() == nil || c.Stage == licensing.WithdrawnStage {
		return false, nil
	}
	if !c.AtRest() {
		return true, nil
	}
	inForce, all, err := t.InForce(c.ID, string(licensing.Revoked), a.Now().Format(time.DateOnly))
	return inForce > 0 || all == 0, err
}

// watchDecided screens the parties of a decided case and raises what is new.
func (a *App) watchDecided(ctx context.Context, e *Engines, c *licensing.Case, moved []assessment.Party) error {
	live := false
	if err := a.db.View(ctx, func(t *store.Tx) (err error) {
		live, err = a.stillMatters(t, c)
		return err
	}); err != nil || !live {
		return err
	}
	in := CaseInput(c, policy.DateOf(a.Now()), nil)
	in.Parties = append(in.Parties, moved...)
	_, hits := assessment.ScreenParties(in, e.Assess().Screener, func(id string) (any, bool) {
		x, ok := e.Index.Entity(id)
		return x, ok
	})
	return a.Do(ctx, access.System(), raiseWatch{Case: c.ID, Index: e.Index.Hash(), Hits: hits})
}

// Watches gives decided cases with hits that came up after the decision and wait
// for a person, the longest waiting first, after one.
func (a *App) Watches(ctx context.Context, actor access.Actor, since time.Time, after string, limit int) (out []store.WatchRow, err error) {
	if access.ScopeOf(actor, access.CaseRead).Empty() {
		return nil, fault.New(fault.NotFound, "fault.not_found")
	}
	err = a.db.View(ctx, func(t *store.Tx) error {
		out, err = t.OpenWatches(access.ScopeOf(actor, access.CaseRead), since, after, limit)
		return err
	})
	return out, err
}

// WatchView is what came to light about the parties of a decided case.
type WatchView struct {
	Case      string
	Reference string
	Title     string
	Hits      []WatchedHit
	Settles   bool // the reader may say which it is
}

// WatchedHit is one hit with its reasons today.
type WatchedHit struct {
	watchedHit
	Waits bool
	Hit   ScreenHit // with no EntityID where the entry is on no list in use any more
}

// Watch gives what came to light about one case.
func (a *App) Watch(ctx context.Context, actor access.Actor, id string) (v WatchView, err error) {
	e, err := a.Engines(ctx)
	if err != nil {
		return v, err
	}
	var c licensing.Case
	var s watchState
	if err := a.db.View(ctx, func(t *store.Tx) error {
		if _, err := t.Load(CaseStream(id), &c); err != nil {
			return err
		}
		_, err := t.Load(watchStream(id), &s)
		return err
	}); err != nil {
		return v, fault.Wrap(err, "node: what came to light")
	}
	if c.ID == "" || s.Case == "" || !access.Can(actor, access.CaseRead, thingOf(&c)) {
		return v, fault.New(fault.NotFound, "fault.not_found")
	}
	v = WatchView{Case: c.ID, Reference: c.Reference, Title: c.App().Title, Settles: access.Can(actor, access.CaseResolve, thingOf(&c))}
	for _, h := range s.Hits {
		w := WatchedHit{watchedHit: h, Waits: h.waits()}
		if x, ok := e.Index.Entity(h.Entry); ok && !h.Erased {
			q := screening.Query{Name: h.Name.Asked}
			why := e.Index.Explain(q, h.Entry)
			w.Hit = ScreenHit{
				Hit: screening.Hit{
					EntityID: h.Entry, Score: why.Score, AlertRate: why.AlertRate, Band: why.Band, Ambiguous: why.Ambiguous, AskFor: why.AskFor, List: x.List, Type: x.Type, Shown: h.Name.Shown,
				},
				Why: why, index: e.Index, List: e.listOf(x.List), Means: e.Lists[x.List].Kind,
			}
		}
		v.Hits = append(v.Hits, w)
	}
	slices.SortStableFunc(v.Hits, func(a, b WatchedHit) int {
		if a.Waits == b.Waits {
			return 0
		} else if a.Waits {
			return -1
		}
		return 1
	})
	return v, nil
}
