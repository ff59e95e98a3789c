package node

import (
	"context"
	"errors"
	"slices"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/store"
)

func registerOrg(t *Tx, c account.RegisterOrg) error {
	if err := t.Must("", access.OrgManage, access.Thing{}); err != nil {
		return err
	}
	return t.onOrg(c.ID, c)
}

func changeOrg(t *Tx, c account.ChangeOrg) error {
	if err := t.Must(access.OrgRead, access.OrgManage, access.Thing{Org: c.ID}); err != nil {
		return err
	}
	if c.Status == account.Disabled {
		if err := t.EndSessionsOf(c.ID); err != nil {
			return fault.Wrap(err, "node: end sessions")
		}
	}
	return t.onOrg(c.ID, c)
}

func settleOrg(t *Tx, c account.SettleOrg) error {
	if err := t.Must(access.OrgRead, access.OrgActivate, access.Thing{Org: c.ID}); err != nil {
		return err
	}
	if c.Status == account.Disabled {
		if err := t.EndSessionsOf(c.ID); err != nil {
			return fault.Wrap(err, "node: end sessions")
		}
	}
	return t.onOrg(c.ID, c)
}

func (t *Tx) onOrg(id string, cmd any) error {
	org, _, err := load[*account.OrgState](t, event.StreamOf(account.KindOrg, id))
	if err != nil {
		return err
	}
	events, err := account.DecideOrg(org, cmd)
	if err != nil {
		return err
	}
	t.RaiseGeneration()
	return t.Append(events)
}

func openAccount(t *Tx, c account.Open) error {
	if err := mayOpen(t.Actor, c); err != nil {
		return err
	}
	org, _, err := load[*account.OrgState](t, event.StreamOf(account.KindOrg, c.Org))
	if err != nil {
		return err
	}
	return t.onAccount(c.ID, c, account.Facts{Org: org.Org})
}

// mayOpen lets administrators open any account, and exporters accounts of
// exporters in their own organisation.
func mayOpen(actor access.Actor, c account.Open) error {
	if access.Can(actor, access.AccountManage, access.Thing{}) {
		return nil
	}
	colleague := len(c.Roles) == 1 && c.Roles[0] == access.ExporterUser
	if colleague && access.Can(actor, access.AccountOpenOrg, access.Thing{Org: c.Org}) {
		return nil
	}
	return fault.New(fault.NotFound, "fault.not_found")
}

// OpenWithPassword opens an account that can be signed in to at once. The
// password is the first one: whoever it is for changes it.
type OpenWithPassword struct {
	account.Open
	Password string
}

// hashFirst hashes the first password, after it has looked at everything that
// can be wrong with the form, so that all of it is said at once and no hash is
// worked for what will be refused.
func hashFirst(ctx context.Context, a *App, actor access.Actor, c OpenWithPassword) (string, error) {
	if err := mayOpen(actor, c.Open); err != nil {
		return "", err
	}
	var org account.OrgState
	err := a.db.View(ctx, func(t *store.Tx) error {
		_, err := t.Load(event.StreamOf(account.KindOrg, c.Org), &org)
		return err
	})
	if err != nil {
		return "", fault.Wrap(err, "node: organisation %s", c.Org)
	}
	_, err = account.Decide(&account.State{}, c.Open, account.Facts{Org: org.Org})
	return firstHash(c.Password, err)
}

// firstHash hashes a first password, unless it or something else is wrong.
func firstHash(password string, found error) (string, error) {
	bad := fault.New(fault.Invalid, "account.invalid")
	for _, err := range []error{found, checkNew(password, "password")} {
		var f *fault.Error
		if errors.As(err, &f) {
			bad.Fields = append(bad.Fields, f.Fields...)
		} else if err != nil {
			return "", err
		}
	}
	if err := bad.Or(); err != nil {
		return "", err
	}
	return hashPassword(password), nil
}

func openWithPassword(t *Tx, c OpenWithPassword, hash string) error {
	if err := openAccount(t, c.Open); err != nil {
		return err
	}
	return t.firstPassword(c.ID, hash)
}

func (t *Tx) firstPassword(id, hash string) error {
	if err := t.onAccount(id, account.SetCredential{ID: id, What: "password"}, account.Facts{}); err != nil {
		return err
	}
	return fault.Wrap(t.PutCredential(store.Credential{Account: id, Password: hash}), "node: credential")
}

// Register is a company and its first person coming in by themselves, with the
// password that the person chose. Nobody is signed in when it is sent.
type Register struct {
	account.Register
	Password string
}

func hashRegister(_ context.Context, _ *App, _ access.Actor, c Register) (string, error) {
	return firstHash(c.Password, c.Check())
}

func registerCompany(t *Tx, c Register, hash string) error {
	if t.Actor.Account != "" && !t.Actor.System {
		return fault.New(fault.Denied, "account.register_signed_in")
	}
	org, _, err := load[*account.OrgState](t, event.StreamOf(account.KindOrg, c.Org))
	if err != nil {
		return err
	}
	acc, _, err := load[*account.State](t, event.StreamOf(account.KindAccount, c.Account))
	if err != nil {
		return err
	}
	events, err := account.DecideRegister(org, acc, c.Register)
	if err != nil {
		return err
	}
	if !t.Actor.System {
		// Whoever comes in acts as who they are from now on.
		t.Actor = access.Actor{Account: c.Account, Name: c.Profile.Name, Org: c.Org, Roles: []access.Role{access.ExporterUser}}
	}
	t.RaiseGeneration()
	if err := t.Append(events); err != nil {
		return err
	}
	return t.firstPassword(c.Account, hash)
}

func changeRoles(t *Tx, c account.ChangeRoles) error {
	if err := t.Must(access.AccountRead, access.AccountManage, access.Thing{Account: c.ID}); err != nil {
		return err
	}
	if c.ID == t.Actor.Account {
		// Whoever hands out roles does not hand them to themselves.
		return fault.New(fault.Denied, "account.roles_own")
	}
	acc, _, err := load[*account.State](t, event.StreamOf(account.KindAccount, c.ID))
	if err != nil {
		return err
	}
	org, _, err := load[*account.OrgState](t, event.StreamOf(account.KindOrg, acc.Org))
	if err != nil {
		return err
	}
	// What lies in a compartment that they leave is no longer named to them.
	for _, name := range acc.Compartments {
		if !slices.Contains(c.Compartments, name) {
			if err := t.HushNoticesOf(c.ID, name); err != nil {
				return fault.Wrap(err, "node: notices")
			}
		}
	}
	return t.onAccount(c.ID, c, account.Facts{Org: org.Org})
}

func setStatus(t *Tx, c account.SetStatus) error {
	if err := t.Must(access.AccountRead, access.AccountManage, access.Thing{Account: c.ID}); err != nil {
		return err
	}
	if err := t.onAccount(c.ID, c, account.Facts{}); err != nil {
		return err
	}
	if c.Status != account.Disabled {
		return nil
	}
	// The address of a calendar, or a program's token, does not come back with the account.
	if err := t.EndToken(c.ID); err != nil {
		return fault.Wrap(err, "node: end a token")
	}
	return fault.Wrap(t.EndSessions(c.ID), "node: end sessions")
}

func (t *Tx) onAccount(id string, cmd any, facts account.Facts) error {
	acc, _, err := load[*account.State](t, event.StreamOf(account.KindAccount, id))
	if err != nil {
		return err
	}
	events, err := account.Decide(acc, cmd, facts)
	if err != nil {
		return err
	}
	t.RaiseGeneration()
	return t.Append(events)
}
