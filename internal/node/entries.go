package node

import (
	"context"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/incidents"
	"github.com/comity-project/comity/internal/party"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/screening"
)

// Bounds of a search for entries of the register.
const (
	maxEntries   = 10 // offered at once
	maxFind      = 200
	maxFindWords = 6
)

// Entries are the entries of the register whose names have all the words of a
// text, each as the beginning of one, and besides those that were chosen before. They
// come whole, with other names and units, for somebody to tell them apart.
func (a *App) Entries(ctx context.Context, actor access.Actor, text string, chosen []string) (out []*party.Entry, err error) {
	var words []string
	if party.Bounded(text, maxFind) {
		words = screening.Fold(text)
		words = words[:min(len(words), maxFindWords)]
	}
	chosen = chosen[:min(len(chosen), incidents.MaxLinks)]
	if len(words)+len(chosen) == 0 {
		return nil, nil
	}
	scope := access.ScopeOf(actor, access.PartyRead)
	if scope.Empty() {
		return nil, nil
	}
	err = a.db.View(ctx, func(t *store.Tx) error {
		ids := distinct(chosen)
		if len(words) > 0 {
			rows, err := t.ListParties(store.Parties{Scope: scope, Find: words, Limit: maxEntries})
			if err != nil {
				return err
			}
			for _, r := range rows {
				ids = append(ids, r.ID)
			}
		}
		entries := map[string]*party.Entry{}
		var streams []event.Stream
		for _, id := range distinct(ids) {
			streams = append(streams, event.StreamOf(party.StreamKind, id))
		}
		if err := t.LoadEach(streams, func(s event.Stream) event.State {
			entries[s.ID()] = &party.Entry{}
			return entries[s.ID()]
		}); err != nil {
			return err
		}
		for _, s := range streams {
			if e := entries[s.ID()]; e != nil && e.ID != "" {
				out = append(out, e)
			}
		}
		return nil
	})
	return out, fault.Wrap(err, "node: entries of the register")
}
