package node

import (
	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
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
	if err := t.Must("", access.AccountManage, access.Thing{}); err != nil {
		return err
	}
	org, _, err := load[*account.OrgState](t, event.StreamOf(account.KindOrg, c.Org))
	if err != nil {
		return err
	}
	return t.onAccount(c.ID, c, account.Facts{Org: org.Org})
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
	return t.onAccount(c.ID, c, account.Facts{Org: org.Org})
}

func setStatus(t *Tx, c account.SetStatus) error {
	if err := t.Must(access.AccountRead, access.AccountManage, access.Thing{Account: c.ID}); err != nil {
		return err
	}
	if err := t.onAccount(c.ID, c, account.Facts{}); err != nil {
		return err
	}
	if c.Status == account.Disabled {
		return fault.Wrap(t.EndSessions(c.ID), "node: end sessions")
	}
	return nil
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
