package node

import (
	"context"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/store"
)

// openCase begins a case that the authority opens by itself.
func openCase(t *Tx, cmd licensing.Open, e *Engines) error {
	c, version, err := load[*licensing.Case](t, cmd.Stream())
	if err != nil {
		return err
	}
	if version > 0 {
		return fault.New(fault.Conflict, "licensing.stage."+string(c.Stage), "command", cmd.Name())
	}
	if err := t.mayOn(c, cmd.Name()); err != nil {
		return err
	}
	facts, err := t.caseFacts(c, cmd, e)
	if err != nil {
		return err
	}
	if facts.Reference, err = t.reference(e, "case", ""); err != nil {
		return err
	}
	if err := t.decideCase(c, cmd, facts); err != nil {
		return err
	}
	t.Answer(Submitted{c.ID, c.Reference})
	return nil
}

// inform sends an informed letter; an exporter that is named must be one.
func inform(t *Tx, cmd licensing.Inform, e *Engines) error {
	c, _, err := load[*licensing.Case](t, cmd.Stream())
	if err != nil {
		return err
	}
	if err := t.mayOn(c, cmd.Name()); err != nil {
		return err
	}
	if cmd.Org != "" {
		org, version, err := load[*account.OrgState](t, event.StreamOf(account.KindOrg, cmd.Org))
		if err != nil {
			return err
		}
		if version == 0 || org.Kind != account.Exporter {
			return fault.New(fault.Invalid, "licensing.informed.invalid").Field("org", "licensing.informed.other")
		}
	}
	facts, err := t.caseFacts(c, cmd, e)
	if err != nil {
		return err
	}
	if facts.Reference, err = t.reference(e, "informed", "I-"); err != nil {
		return err
	}
	return t.decideCase(c, cmd, facts)
}

// InformedOf are the letters in force that an exporter was sent, and those to
// every exporter, the latest first.
func (a *App) InformedOf(ctx context.Context, actor access.Actor) (out []store.InformedRow, err error) {
	if access.ScopeOf(actor, access.ApplicationRead).Org == "" {
		return nil, nil
	}
	e, err := a.Engines(ctx)
	if err != nil {
		return nil, err
	}
	err = a.db.View(ctx, func(t *store.Tx) (err error) {
		out, err = t.Informed(store.InformedQuery{Day: string(e.Calendar.Day(a.Now())), Org: actor.Org})
		return err
	})
	return out, fault.Wrap(err, "node: informed letters")
}

// InformedAbout are the letters in force of other cases that touch one: by its
// end user's names or its tariff codes.
func (a *App) InformedAbout(ctx context.Context, actor access.Actor, c *licensing.Case) (out []store.InformedRow, err error) {
	e, err := a.Engines(ctx)
	if err != nil {
		return nil, err
	}
	q := store.InformedQuery{Scope: access.ScopeOf(actor, access.CaseRead), Day: string(e.Calendar.Day(a.Now())), Destination: c.App().EndUse.Country, Besides: c.ID}
	user, _ := c.App().EndUser()
	for _, n := range user.Names {
		for _, text := range []string{n.Text, n.Latin} {
			if text != "" {
				q.Names = append(q.Names, text)
			}
		}
	}
	for _, l := range c.App().Lines {
		if l.Tariff != "" {
			q.Tariffs = append(q.Tariffs, l.Tariff)
		}
	}
	if len(q.Names)+len(q.Tariffs) == 0 {
		return nil, nil
	}
	err = a.db.View(ctx, func(t *store.Tx) (err error) {
		out, err = t.Informed(q)
		return err
	})
	return out, fault.Wrap(err, "node: informed letters")
}
