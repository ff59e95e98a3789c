package node

import (
	"context"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/jobs"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/store"
)

// jobExpire notes licences whose last day is over.
const jobExpire = "licence.expire"

// expirePage bounds the licences of each status that are looked up at once.
const expirePage = 200

// expire gives the command that ends each licence whose last day is over, so
// that lists say so and customs are told. What the licence is worth on a day
// never waits for it.
func (a *App) expire(ctx context.Context, _ jobs.Job) error {
	e, err := a.Engines(ctx)
	if err != nil {
		return err
	}
	for {
		var ids []string
		if err := a.db.View(ctx, func(t *store.Tx) (err error) {
			ids, err = t.RunOut(string(e.Calendar.Day(a.Now())), expirePage)
			return err
		}); err != nil {
			return fault.Wrap(err, "node: licences that have run out")
		}
		if len(ids) == 0 {
			return nil
		}
		for _, id := range ids {
			err := a.Do(ctx, access.System(), licensing.Expire{OnLicence: licensing.OnLicence{Licence: id}})
			if err != nil && !fault.Is(err, fault.Blocked) { // somebody ended it meanwhile
				return err
			}
		}
	}
}
