package volume_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"testing"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/demo/volume"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
)

// Cases are made as people's commands make them: the end of the test verifies
// the ledger and folds every stream again. A run that was broken off goes on.
func TestMake(t *testing.T) {
	for _, engine := range []store.Engine{store.SQLite, store.Postgres} {
		t.Run(string(engine), func(t *testing.T) {
			ctx := context.Background()
			app := nodetest.Open(t, engine, nil)
			m, err := volume.Make(ctx, app, volume.Options{Cases: 300, Seed: 1})
			if err != nil {
				t.Fatal(err)
			}
			if m.Cases != 300 || m.Before != 0 {
				t.Fatalf("made %+v", m)
			}
			first := m
			m, err = volume.Make(ctx, app, volume.Options{Cases: 500, Seed: 1})
			if err != nil {
				t.Fatal(err)
			}
			if m.Cases != 200 || m.Before != 300 {
				t.Fatalf("made %+v after 300", m)
			}
			m.Cases, m.Events, m.Lines, m.Parties = m.Cases+first.Cases, m.Events+first.Events, m.Lines+first.Lines, m.Parties+first.Parties
			if per := float64(m.Events) / float64(m.Cases); per < 12 {
				t.Errorf("%.1f events a case, want 12", per)
			}
			if per := float64(m.Lines) / float64(m.Cases); per < 2 {
				t.Errorf("%.1f lines a case, want 2", per)
			}
			if per := float64(m.Parties) / float64(m.Cases); per < 3.5 {
				t.Errorf("%.1f parties a case, want 3.5", per)
			}
			stages(t, app)
			replay(t, app)
		})
	}
}

// The same seed and the same day make the same ledger: the same events at the
// same times with the same words. Who is named in it has another id each time,
// and keys and salts are random.
func TestSameSeedSameCases(t *testing.T) {
	ledgerOf := func(seed uint64) []string {
		app := nodetest.Open(t, store.SQLite, nodetest.NewClock())
		if _, err := volume.Make(context.Background(), app, volume.Options{Cases: 60, Seed: seed}); err != nil {
			t.Fatal(err)
		}
		return told(t, app)
	}
	first, again, other := ledgerOf(7), ledgerOf(7), ledgerOf(8)
	if len(first) < 60*12 {
		t.Fatalf("%d events", len(first))
	}
	for i := range min(len(first), len(again)) {
		if first[i] != again[i] {
			t.Fatalf("event %d was\n%s\nand is\n%s", i+1, first[i], again[i])
		}
	}
	if len(again) != len(first) {
		t.Fatalf("%d events, then %d", len(first), len(again))
	}
	if slices.Equal(first, other) {
		t.Fatal("another seed makes the same cases")
	}
}

// told is what a ledger says, an event a line, with a number for each id and for
// each hash of facts, which name people by their ids.
func told(t *testing.T, app *node.App) (out []string) {
	t.Helper()
	ids := map[string]string{}
	numbered := func(text string) string {
		return anID.ReplaceAllStringFunc(text, func(id string) string {
			if ids[id] == "" {
				ids[id] = fmt.Sprint("#", len(ids)+1)
			}
			return ids[id]
		})
	}
	err := app.Store().View(context.Background(), func(tx *store.Tx) error {
		for e, err := range tx.Entries(0) {
			if err != nil {
				return err
			}
			out = append(out, numbered(fmt.Sprintln(e.Time, e.Stream, e.Version, e.Type, e.Actor, string(e.Kept))))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

var anID = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}|"facts":"[0-9a-f]{64}"`)

// stages checks that cases stand at every stage.
func stages(t *testing.T, app *node.App) {
	t.Helper()
	for _, stage := range []string{"submitted", "assessment", "waiting", "advice", "recommendation", "countersignature", "intention", "decided", "withdrawn"} {
		err := app.Store().View(context.Background(), func(tx *store.Tx) error {
			rows, err := tx.ListCases(store.Cases{Scope: access.Scope{Everything: true}, List: store.AllCases, Stage: stage, Limit: 5})
			if err == nil && len(rows) == 0 {
				t.Errorf("no case is at the stage %s", stage)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// replay checks that the decision of a made-up case, whose facts are kept in
// short only, is not replayed by itself, and that the answer says so.
func replay(t *testing.T, app *node.App) {
	t.Helper()
	ctx := context.Background()
	var decided []store.CaseRow
	if err := app.Store().View(ctx, func(tx *store.Tx) (err error) {
		decided, err = tx.ListCases(store.Cases{Scope: access.Scope{Everything: true}, List: store.AllCases, Stage: "decided", Limit: 1})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	var f *fault.Error
	if _, err := app.Replay(ctx, access.System(), decided[0].ID); !errors.As(err, &f) || f.Key != "node.facts_no_document" {
		t.Errorf("replay says %v", err)
	}
}

// BenchmarkMake makes cases on SQLite: 20,000 of them and more with -benchtime.
func BenchmarkMake(b *testing.B) {
	app := nodetest.Open(b, store.SQLite, nil)
	ctx := context.Background()
	if _, err := volume.Make(ctx, app, volume.Options{Cases: 1}); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	m, err := volume.Make(ctx, app, volume.Options{Cases: 1 + b.N, Seed: 1})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(m.Cases)/b.Elapsed().Seconds(), "cases/s")
	b.ReportMetric(float64(m.Events)/b.Elapsed().Seconds(), "events/s")
}

// BenchmarkVerify checks the ledger of made-up cases, with and without folding
// every stream again.
func BenchmarkVerify(b *testing.B) {
	app := nodetest.Open(b, store.SQLite, nil)
	ctx := context.Background()
	if _, err := volume.Make(ctx, app, volume.Options{Cases: 3000, Seed: 1}); err != nil {
		b.Fatal(err)
	}
	for _, refold := range []bool{false, true} {
		b.Run(fmt.Sprintf("refold=%v", refold), func(b *testing.B) {
			var events int64
			used := nodetest.ProcessorTime(b)
			for b.Loop() {
				v, err := app.Verify(ctx, refold, nil)
				if err != nil {
					b.Fatal(err)
				}
				events += v.Entries
			}
			used = nodetest.ProcessorTime(b) - used
			b.ReportMetric(float64(events)/used.Seconds(), "events/core-s")
			b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
		})
	}
}
