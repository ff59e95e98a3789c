package node

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/party"
	"github.com/comity-project/comity/internal/store"
)

// Bounds of a saved search, in letters.
const (
	maxSearchName  = 80
	maxSearchQuery = 1000
)

// SaveSearch keeps a list with its filters under a name, for its owner alone; the
// same name takes the place of an earlier one. It is a convenience and no act of
// the authority, so the ledger does not hold it.
func (a *App) SaveSearch(ctx context.Context, actor access.Actor, name string, query url.Values) error {
	if actor.Account == "" {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	s := store.SavedSearch{ID: NewID(), Account: actor.Account, Name: strings.TrimSpace(name), Query: query.Encode()}
	if s.Name == "" || !party.Bounded(s.Name, maxSearchName) || !party.Bounded(s.Query, maxSearchQuery) {
		return fault.New(fault.Invalid, "node.search.refused").Field("name", "node.search.name")
	}
	err := a.db.Update(ctx, func(t *store.Tx) error {
		kept, err := t.SavedSearches(s.Account)
		if err != nil {
			return err
		}
		if len(kept) >= store.MaxSearches && !slices.ContainsFunc(kept, func(k store.SavedSearch) bool { return k.Name == s.Name }) {
			return fault.New(fault.Invalid, "node.search.refused").Field("name", "node.search.many", "limit", store.MaxSearches)
		}
		return t.SaveSearch(s)
	})
	return fault.Wrap(err, "node: save a search")
}

// DropSearch forgets one of the actor's saved searches.
func (a *App) DropSearch(ctx context.Context, actor access.Actor, id string) error {
	return fault.Wrap(a.db.Update(ctx, func(t *store.Tx) error { return t.DropSearch(actor.Account, id) }), "node: drop a search")
}
