package demo_test

import (
	"testing"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/statistics"
	"github.com/comity-project/comity/internal/store"
)

// What is told to the public of a year is the sum of the ledger's own rows and
// events: what came, how it ended, and what came after, suspensions, checks, stops
// and enforcement. A small count is hidden; none that is told is another than the
// ledger's, and a licence suspended, an enforcement file closed and a check
// concluded more is one more in the figures.
func TestCheck7_12_6PublicFiguresAreSumsOfTheLedger(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		s := setUp(t, app)
		must(t, s.Build(ctx, clock, nil))
		events := map[string]int64{}
		must(t, app.Store().View(ctx, func(tx *store.Tx) (err error) {
			events, err = tx.EventsOf(time.Time{}, clock.Now().AddDate(1, 0, 0), append(statistics.OutcomeEvents(), "case.submitted", "case.decided")...)
			return err
		}))
		exact := map[string]int64{}
		var received, decided int64
		for year := nodetest.Start.Year(); year <= clock.Now().Year(); year++ { // the work may go over the turn of a year
			f, differences, err := app.CheckYear(ctx, access.System(), year)
			must(t, err)
			if len(differences) > 0 {
				t.Errorf("%d differs from the ledger: %+v", year, differences)
			}
			for _, r := range f.Table(statistics.ByOutcome).Rows {
				exact[r.Key] += r.Counts[0]
			}
			received += f.Received
			for _, r := range f.Table(statistics.ByTime).Rows {
				decided += r.Counts[0]
			}
			told := publicly(t, app, year)
			for i, r := range f.Table(statistics.ByOutcome).Rows {
				p := told.Table(statistics.ByOutcome).Rows[i]
				small := r.Counts[0] > 0 && r.Counts[0] < statistics.DefaultLimits.Least
				if p.Key != r.Key || p.Figures[0].Hidden != small || !small && p.Figures[0].N != r.Counts[0] {
					t.Errorf("%d %s: told %+v, counted %d", year, r.Key, p, r.Counts[0])
				}
			}
			if told.Received != f.Received || told.Ended != f.Ended {
				t.Errorf("%d: told %d and %d, counted %d and %d", year, told.Received, told.Ended, f.Received, f.Ended)
			}
		}
		for _, x := range []struct {
			event string
			sum   int64
		}{
			{"licence.suspended", exact["suspended"] + exact["restricted"]},
			{"licence.varied", exact["varied"]},
			{"licence.revoked", exact["revoked"]},
			{"check.concluded", exact["favourable"] + exact["partial"] + exact["unsatisfactory"]},
			{"stop.ended", exact["released"] + exact["detained"]},
			{"record.entered", exact["in_order"] + exact["warning"] + exact["penalty"] + exact["referral"]},
			{"case.submitted", received},
			{"case.decided", decided},
		} {
			if x.sum != events[x.event] {
				t.Errorf("%s: figures say %d, the ledger %d", x.event, x.sum, events[x.event])
			}
		}
		if exact["suspended"] == 0 || exact["unsatisfactory"] == 0 || exact["detained"] == 0 || exact["warning"] == 0 {
			t.Errorf("the demonstration has nothing of %v", exact)
		}
	})
}

// publicly counts a year as it would be told.
func publicly(t *testing.T, app *node.App, year int) *statistics.Report {
	t.Helper()
	c, err := app.Counted(ctx, access.ScopeOf(access.System(), access.StatisticsRead), year)
	must(t, err)
	return statistics.Publishable(c.Counted, statistics.DefaultLimits)
}
