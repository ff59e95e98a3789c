package node

import (
	"context"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/store"
)

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

// CountStreams tells how many streams of a kind there are, and the time of the
// ledger's last event: where a large state that is being made goes on.
func (a *App) CountStreams(ctx context.Context, kind string) (n int64, head store.Head, err error) {
	err = a.db.View(ctx, func(t *store.Tx) (err error) {
		if n, err = t.CountStreams(kind); err != nil {
			return err
		}
		head, err = t.Head()
		return err
	})
	return n, head, fault.Wrap(err, "node: count")
}
