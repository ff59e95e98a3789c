package node

import (
	"context"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/ledger"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/vault"
)

// PeoplePage is a page of accounts with the organisations they belong to.
type PeoplePage struct {
	Accounts []store.AccountRow
	Orgs     map[string]string // names by id
	Next     string            // id to go on after; "" at the end
}

// Accounts lists the accounts that an actor may see by this act, AccountRead or
// AccountOpenOrg.
func (a *App) Accounts(ctx context.Context, actor access.Actor, by access.Act, p store.People) (out PeoplePage, err error) {
	if p.Scope = access.ScopeOf(actor, by); p.Scope.Empty() {
		return out, fault.New(fault.NotFound, "fault.not_found")
	}
	p.Find = account.Folded(p.Find)
	limit := p.Limit
	p.Limit++
	err = a.db.View(ctx, func(t *store.Tx) (err error) {
		if out.Accounts, err = t.ListAccounts(p); err != nil {
			return err
		}
		if len(out.Accounts) > limit {
			out.Accounts = out.Accounts[:limit]
			out.Next = out.Accounts[limit-1].ID
		}
		seen := map[string]bool{}
		var ids []string
		for _, r := range out.Accounts {
			if !seen[r.Org] {
				seen[r.Org] = true
				ids = append(ids, r.Org)
			}
		}
		out.Orgs, err = t.Names(ids)
		return err
	})
	return out, fault.Wrap(err, "node: accounts")
}

// Orgs lists the organisations that an actor may see.
func (a *App) Orgs(ctx context.Context, actor access.Actor, p store.People) (rows []store.OrgRow, next string, err error) {
	if p.Scope = access.ScopeOf(actor, access.OrgRead); p.Scope.Empty() {
		return nil, "", fault.New(fault.NotFound, "fault.not_found")
	}
	p.Find = account.Folded(p.Find)
	limit := p.Limit
	p.Limit++
	err = a.db.View(ctx, func(t *store.Tx) (err error) {
		rows, err = t.ListOrgs(p)
		return err
	})
	if len(rows) > limit {
		rows = rows[:limit]
		next = rows[limit-1].ID
	}
	return rows, next, fault.Wrap(err, "node: organisations")
}

// PendingOrgs counts the companies that wait to be looked at, up to 100.
func (a *App) PendingOrgs(ctx context.Context) (n int64, err error) {
	err = a.db.View(ctx, func(t *store.Tx) error {
		n, err = t.PendingOrgs(100)
		return err
	})
	return n, fault.Wrap(err, "node: pending organisations")
}

// Past is what happened to one account or organisation.
type Past struct {
	Events []event.Recorded
	Names  map[string]string // of actors, by account
}

// AccountPage is one account with its organisation and its history.
type AccountPage struct {
	Account account.Account
	Version int64
	Org     account.Org
	Past
}

// Account reads one account; who may not see it gets "not found".
func (a *App) Account(ctx context.Context, actor access.Actor, id string) (out AccountPage, err error) {
	if !access.Can(actor, access.AccountRead, access.Thing{Account: id}) {
		return out, fault.New(fault.NotFound, "fault.not_found")
	}
	err = a.db.View(ctx, func(t *store.Tx) (err error) {
		var acc account.State
		if out.Version, err = t.Load(event.StreamOf(account.KindAccount, id), &acc); err != nil {
			return err
		}
		if out.Version == 0 {
			return fault.New(fault.NotFound, "fault.not_found")
		}
		out.Account = acc.Account
		var org account.OrgState
		if _, err := t.Load(event.StreamOf(account.KindOrg, acc.Org), &org); err != nil {
			return err
		}
		out.Org = org.Org
		out.Past, err = a.past(t, event.StreamOf(account.KindAccount, id))
		return err
	})
	return out, fault.Wrap(err, "node: account %s", id)
}

// OrgPage is one organisation, its history, and its first accounts.
type OrgPage struct {
	Org     account.Org
	Version int64
	People  []store.AccountRow // none for those who may not see accounts
	Past
}

// Org reads one organisation; who may not see it gets "not found".
func (a *App) Org(ctx context.Context, actor access.Actor, id string) (out OrgPage, err error) {
	if !access.Can(actor, access.OrgRead, access.Thing{Org: id}) {
		return out, fault.New(fault.NotFound, "fault.not_found")
	}
	err = a.db.View(ctx, func(t *store.Tx) (err error) {
		var org account.OrgState
		if out.Version, err = t.Load(event.StreamOf(account.KindOrg, id), &org); err != nil {
			return err
		}
		if out.Version == 0 {
			return fault.New(fault.NotFound, "fault.not_found")
		}
		out.Org = org.Org
		// Whoever decides whether a company comes in sees who comes in for it.
		scope := access.ScopeOf(actor, access.AccountRead)
		if access.Can(actor, access.OrgActivate, access.Thing{Org: id}) {
			scope = access.Scope{Org: id}
		}
		if out.People, err = t.ListAccounts(store.People{Scope: scope, Org: id, Limit: 20}); err != nil {
			return err
		}
		out.Past, err = a.past(t, event.StreamOf(account.KindOrg, id))
		return err
	})
	return out, fault.Wrap(err, "node: organisation %s", id)
}

// past gives the events of a stream with the names of those who acted.
func (a *App) past(t *store.Tx, s event.Stream) (p Past, err error) {
	entries, err := t.StreamEntries(s, 0)
	if err != nil {
		return p, err
	}
	seal := vault.NewSealer(a.keys, t)
	for _, e := range entries {
		r, err := ledger.Decode(e, a.registry, seal, t)
		if err != nil {
			return p, err
		}
		p.Events = append(p.Events, r)
	}
	p.Names, err = t.Names(actorsOf(entries))
	return p, err
}

// ActorNamed is the actor with that sign-in name, for operators' own programs:
// no door asks by it.
func (a *App) ActorNamed(ctx context.Context, sign string) (actor access.Actor, found bool, err error) {
	err = a.db.View(ctx, func(t *store.Tx) error {
		id, there, err := t.SignInName(sign)
		if err != nil || !there {
			return err
		}
		var s account.State
		if _, err := t.Load(event.StreamOf(account.KindAccount, id), &s); err != nil {
			return err
		}
		actor, found = s.Actor(), true
		return nil
	})
	return actor, found, fault.Wrap(err, "node: actor")
}
