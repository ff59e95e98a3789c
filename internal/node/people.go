package node

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

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

// Erasing is what an erasure would do, before it is done.
type Erasing struct {
	What      event.Stream
	Name      string // so that the custodian knows whom they erase; "" where none is known
	Streams   int    // histories of other things that hold parts of it
	Documents int64
	Signs     bool // an account: its sign-in goes too
	Gone      vault.Gone
}

// ErasureOf finds what a custodian means by a sign-in name, a reference or an
// id, and says what erasing it would do. What cannot be found, or has no
// private part any more, is a fault on the input "which".
func (a *App) ErasureOf(ctx context.Context, actor access.Actor, kind, which string) (out Erasing, err error) {
	if !access.Can(actor, access.Erase, access.Thing{}) {
		return out, fault.New(fault.NotFound, "fault.not_found")
	}
	if !erasable[kind] {
		return out, fault.New(fault.Invalid, "node.erase_invalid").Field("kind", "node.erase_what")
	}
	which = strings.TrimSpace(which)
	none := fault.New(fault.Invalid, "node.erase_invalid").Field("which", "node.erase_none")
	err = a.db.View(ctx, func(t *store.Tx) error {
		id, err := erasureID(t, kind, which)
		if err != nil {
			return err
		}
		out.What = event.StreamOf(kind, id)
		if _, gone := t.Erased(out.What); gone {
			return fault.New(fault.Conflict, "node.erased_already").Field("which", "node.erased_already")
		}
		if _, _, found, err := t.SealKey(out.What); err != nil {
			return err
		} else if !found {
			return none
		}
		streams, err := t.StreamsWith(out.What)
		if err != nil {
			return err
		}
		out.Streams = len(streams)
		if out.Documents, err = t.DocumentsOf(out.What); err != nil {
			return err
		}
		if kind == account.KindAccount {
			names, err := t.Names([]string{id})
			if err != nil {
				return err
			}
			out.Name, out.Signs = names[id], true
		}
		return nil
	})
	if err != nil {
		return out, fault.Wrap(err, "node: what an erasure would do")
	}
	out.Gone = vault.Rotation{Keys: a.keys}.Gone(a.Now())
	return out, nil
}

// erasureID turns what a custodian typed into an id.
func erasureID(t *store.Tx, kind, which string) (string, error) {
	if _, err := uuid.Parse(which); err == nil {
		return strings.ToLower(which), nil
	}
	var id string
	var found bool
	var err error
	switch kind {
	case account.KindAccount:
		id, found, err = t.SignInName(which)
	case "case":
		id, found, err = t.CaseByReference(which)
	}
	if err == nil && !found {
		err = fault.New(fault.Invalid, "node.erase_invalid").Field("which", "node.erase_none")
	}
	return id, err
}

// GoneFromBackups is when what was erased at a time is gone from every backup.
func (a *App) GoneFromBackups(erased time.Time) time.Time {
	return vault.Rotation{Keys: a.keys}.Gone(erased).Backups
}

// Erasures lists what was erased, the latest first, before an entry's number.
func (a *App) Erasures(ctx context.Context, actor access.Actor, before int64, limit int) (rows []store.ErasedRow, err error) {
	if !access.Can(actor, access.Erase, access.Thing{}) {
		return nil, fault.New(fault.NotFound, "fault.not_found")
	}
	err = a.db.View(ctx, func(t *store.Tx) (err error) {
		rows, err = t.ListErased(before, limit)
		return err
	})
	return rows, fault.Wrap(err, "node: erasures")
}
