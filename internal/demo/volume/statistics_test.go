package volume_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/demo/volume"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/statistics"
)

// A year's figures agree with the ledger's events, in every cut; the public gets
// them when the year is over and a senior officer says so, as they were looked
// at; who may not read figures learns nothing of them.
func TestStatisticsAgreeWithTheLedger(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		ctx := context.Background()
		year := clock.Now().Year()
		if _, err := volume.Make(ctx, app, volume.Options{Cases: 300, Seed: 7}); err != nil {
			t.Fatal(err)
		}
		authority := nodetest.Org(t, app, account.Authority, "Authority")
		senior := nodetest.Person(t, app, authority, "senior", access.SeniorOfficer)
		officer := nodetest.Person(t, app, authority, "officer", access.LicensingOfficer)
		exporter := nodetest.Person(t, app, nodetest.Org(t, app, account.Exporter, "Company"), "exporter", access.ExporterUser)
		count := func(actor access.Actor, public bool) (*node.YearCount, error) {
			t.Helper()
			if err := app.Do(ctx, actor, node.CountYear{ID: node.NewID(), Year: year, Public: public}); err != nil {
				return nil, err
			}
			app.Runner().Drain(ctx)
			return app.YearCountOf(ctx, actor, year, public)
		}
		refused := func(what string, err error, key string) {
			t.Helper()
			var f *fault.Error
			if !errors.As(err, &f) || f.Key != key {
				t.Errorf("%s: %v, want %s", what, err, key)
			}
		}

		own, err := count(officer, false)
		if err != nil || own.Figures == nil || own.Figures.Received != 300 || own.Figures.Complete {
			t.Fatalf("an officer's count: %+v, %v", own, err)
		}
		_, err = count(officer, true)
		refused("an officer counts for the public", err, "fault.denied")
		_, err = count(exporter, false)
		refused("an exporter counts", err, "fault.not_found")
		_, err = app.YearCountOf(ctx, exporter, year, false)
		refused("an exporter reads", err, "fault.not_found")

		early, err := count(senior, true)
		if err != nil || early.Report == nil || len(early.Differences) != 0 {
			t.Fatalf("a count for the public: %+v, %v", early, err)
		}
		refused("before the year is over", app.Do(ctx, senior, node.PublishStatistics{Run: early.ID, Year: year}), "statistics.not_over")
		clock.Move(367 * 24 * time.Hour)
		late, err := count(senior, true)
		if err != nil || late.Report == nil || !late.Report.Complete || len(late.Differences) != 0 {
			t.Fatalf("when the year is over: %+v, %v", late, err)
		}
		if f := own.Figures; late.Report.Received != f.Received || late.Report.Ended != f.Ended || late.Report.OpenBefore+f.Received-f.Ended != late.Report.OpenAfter {
			t.Errorf("the public's totals %+v, an officer's %+v", late.Report, f)
		}
		refused("another count than the one looked at", app.Do(ctx, senior, node.PublishStatistics{Run: early.ID, Year: year}), "statistics.other_count")
		if err := app.Do(ctx, senior, node.PublishStatistics{Run: late.ID, Year: year, Note: "The first."}); err != nil {
			t.Fatal(err)
		}
		years, err := app.PublishedYears(ctx)
		if err != nil || len(years) != 1 || years[0].Editions != 1 {
			t.Fatalf("published: %+v, %v", years, err)
		}
		e, err := app.PublishedReport(ctx, year, 0)
		if err != nil || e.Number != 1 || e.Report.Received != 300 || e.Report.Table(statistics.ByDestination) == nil {
			t.Errorf("the report: %+v, %v", e, err)
		}
		_, err = app.PublishedReport(ctx, year, 2)
		refused("an edition that is not there", err, "fault.not_found")
	})
}
