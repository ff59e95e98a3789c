package node

import (
	"context"
	"sync"

	"github.com/comity-project/comity/content"
	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/policy"
)

// kinds are the kinds of cases that ship, read once.
var kinds = sync.OnceValues(func() (licensing.Kinds, error) { return licensing.ParseKinds(content.FS, "kinds") })

// Kinds are the kinds of cases that there are, in their order.
func (a *App) Kinds() (licensing.Kinds, error) { return kinds() }

// KindOf is one of them. An application that names another is refused.
func (a *App) KindOf(id string) (licensing.Kind, error) {
	all, err := kinds()
	if err != nil {
		return licensing.Kind{}, err
	}
	k, ok := all.Of(id)
	if !ok {
		return k, fault.New(fault.Invalid, "licensing.kind.unknown").Field("kind", "licensing.kind.unknown")
	}
	return k, nil
}

// Profile is what an application of a kind has to tell, by the pack in use.
func (a *App) Profile(ctx context.Context, kind string) (licensing.Profile, error) {
	e, err := a.Engines(ctx)
	if err != nil {
		return licensing.Profile{}, err
	}
	k, err := a.KindOf(kind)
	return k.Profile(profileOf(e.Pack)), err
}

// targetOf is the time until the decision on a kind of case: by the
// pack's period of that name, else by the manifest, else as for all.
func targetOf(p *policy.Pack, k licensing.Kind) deadline.Period {
	if _, ok := p.Period(k.Target); ok {
		return periodOf(p, k.Target)
	}
	if k.Days > 0 {
		return deadline.Period{Days: k.Days, Unit: deadline.WorkingDays}
	}
	return periodOf(p, "decision_target")
}

// Cited are the ids of the licences with these references that a reader may
// read, by reference.
func (a *App) Cited(ctx context.Context, actor access.Actor, references []string) (map[string]string, error) {
	out := map[string]string{}
	if len(references) == 0 {
		return out, nil
	}
	err := a.db.View(ctx, func(t *store.Tx) error {
		for _, reference := range references {
			r, found, err := t.LicenceReferenced(reference)
			if err != nil {
				return err
			}
			if found && access.Can(actor, access.LicenceRead, access.Thing{Kind: kindLicence, Org: r.Org, Compartment: r.Compartment}) {
				out[reference] = r.ID
			}
		}
		return nil
	})
	return out, fault.Wrap(err, "node: cited licences")
}
