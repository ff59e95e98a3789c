package node

import (
	"context"
	"slices"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/store"
)

// movedParties are the parties of a case's licences that are at another address
// than the application says, or are to be by a variation that waits: each as it
// is there.
func movedParties(t *store.Tx, c *licensing.Case) (out []assessment.Party, err error) {
	for _, d := range c.Decisions() {
		if d.Licence == "" {
			continue
		}
		var l licensing.Licence
		if _, err := t.Load(licensing.OnLicence{Licence: d.Licence}.Stream(), &l); err != nil {
			return nil, err
		}
		at := slices.Clone(l.Addresses)
		if v := l.Proposed(); v != nil {
			at = append(at, v.Addresses...)
		}
		for _, a := range at {
			if p, ok := c.App().Party(a.Party); ok && a.Erased == nil {
				p.Addresses, p.Country = append(p.Addresses[:0:0], a.Address), a.Address.Country
				out = append(out, assessParty(p))
			}
		}
	}
	return out, nil
}

// alikeOf is how many likenesses of the parties that a variation moves wait for a
// person, in what came to light and in the assessment.
func alikeOf(v *licensing.Variation, w *watchState, s *assessment.State) int {
	moves := func(id string) bool {
		return slices.ContainsFunc(v.Addresses, func(a licensing.PartyAddress) bool { return a.Party == id })
	}
	n := w.waitsFor(moves)
	for _, h := range s.Hits {
		if h.Open() && moves(h.Party) {
			n++
		}
	}
	return n
}

// variationSearched records that the parties with a new address were searched
// for: what came of it was raised already.
func (a *App) variationSearched(ctx context.Context, job screenJob) error {
	e, err := a.Engines(ctx)
	if err != nil {
		return err
	}
	screener := e.Assess().Screener
	done := licensing.VariationSearched{Variation: job.Variation, Index: e.Index.Hash(), NotSearched: screener.NotSearched()}
	for _, s := range screener.Lists() {
		done.Lists = append(done.Lists, licensing.SearchedList{List: s.List, Day: deadline.Date(s.Date)})
	}
	var l licensing.Licence
	if err := a.db.View(ctx, func(t *store.Tx) error {
		if _, err := t.Load(licensing.OnLicence{Licence: job.Licence}.Stream(), &l); err != nil {
			return err
		}
		var w watchState
		if _, err := t.Load(watchStream(job.Case), &w); err != nil {
			return err
		}
		var s assessment.State
		if _, err := t.Load(AssessmentStream(job.Case), &s); err != nil {
			return err
		}
		if v := l.Proposed(); v != nil {
			done.Alike = alikeOf(v, &w, &s)
		}
		return nil
	}); err != nil {
		return err
	}
	if v := l.Proposed(); v == nil || v.ID != job.Variation {
		return nil // dropped meanwhile
	}
	return a.Do(ctx, access.System(), licensing.RecordVariationSearch{OnLicence: licensing.OnLicence{Licence: job.Licence}, VariationSearched: done})
}
