package demo_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/lists"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/party"
	"github.com/comity-project/comity/internal/store"
)

// A list change asks the parties of licences in force and of refusals again, and
// raises what is new and nothing else. What a person settled stays settled until
// the listing changes.
func TestListChangeReachesDecidedCases(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		s := setUp(t, app)
		must(t, s.Build(ctx, clock, nil))
		runner := app.Runner()
		runner.Drain(ctx)
		amira := s.Actors["amira"]
		cases := decided(t, app, amira)
		if len(cases) < 2 {
			t.Fatalf("%d decided cases, want a licence and a refusal", len(cases))
		}
		must(t, app.Do(ctx, access.System(), lists.DefineList{List: "own", Definition: lists.Definition{
			Title: "Own list", Kind: lists.Parties, Format: "comity-yaml", LegalBasis: "Export control act", Publisher: "Norland",
			Scope: "Screening", GoneLimit: 900, ReviewBy: "2027-11-01",
		}}))
		version := 0
		list := func(parties string) {
			t.Helper()
			version++
			text := fmt.Sprintf("schema: comity.parties/v1\nlist: NORLAND\ntitle: Own list\npublished: '2026-11-%02d'\nparties:\n%s", version, parties)
			must(t, app.Do(ctx, access.System(), node.ImportList{List: "own", Activate: true, Reason: "test", Files: []node.ListFile{{Name: "own.yaml", Bytes: []byte(text)}}}))
			runner.Drain(ctx)
		}
		waiting := func() map[string]int64 {
			t.Helper()
			rows, err := app.Watches(ctx, amira, time.Time{}, "", 50)
			must(t, err)
			out := map[string]int64{}
			for _, r := range rows {
				out[r.Case] = r.Open
			}
			return out
		}
		entry := func(id, name, more string) string {
			b, err := json.Marshal(name)
			must(t, err)
			return fmt.Sprintf("- {id: %q, type: organisation, names: [{text: %s, kind: primary}]%s}\n", id, b, more)
		}
		const other = "- {id: 'n:9', type: organisation, names: [{text: Qwertop Nobody Limited, kind: primary}]}\n"
		list(other)
		if w := waiting(); len(w) != 0 {
			t.Fatalf("a list that names none of the parties raised %v", w)
		}

		// The end user of a decided case is listed.
		id, name := cases[0].ID, party.PrimaryName(cases[0].App().Parties[0].Names)
		list(other + entry("n:1", name, ""))
		if w := waiting(); w[id] == 0 {
			t.Fatalf("%s was listed, and case %s does not wait: %v", name, cases[0].Reference, w)
		}
		before := waiting()
		v, err := app.Watch(ctx, amira, id)
		must(t, err)
		if len(v.Hits) == 0 || v.Hits[0].Hit.EntityID != "n:1" || len(v.Hits[0].Hit.Why.Alignments) == 0 || !v.Settles {
			t.Fatalf("%+v", v)
		}
		settle := func(outcome assessment.Same, reason string) error {
			return app.Do(ctx, amira, node.SettleWatch{Case: id, Hit: v.Hits[0].ID, Outcome: outcome, Reason: reason})
		}
		if err := settle(assessment.Different, ""); !fault.Is(err, fault.Invalid) {
			t.Errorf("settled without a reason: %v", err)
		}
		if err := app.Do(ctx, s.Actors["kari"], node.SettleWatch{Case: id, Hit: v.Hits[0].ID, Outcome: assessment.Different, Reason: "x"}); !fault.Is(err, fault.NotFound) {
			t.Errorf("an exporter settles: %v", err)
		}
		must(t, settle(assessment.CantTell, "Asked the embassy."))
		if w := waiting(); w[id] != before[id] {
			t.Error("who can't tell has not settled it")
		}
		must(t, settle(assessment.Different, "Another town and number."))
		if w := waiting(); w[id] != before[id]-1 {
			t.Errorf("%d wait, want one less than %d", w[id], before[id])
		}

		// Another change leaves it settled; a change of the entry raises it again.
		list(other + entry("n:1", name, "") + entry("n:3", "Tasvakelli Shipping", ""))
		if w := waiting(); w[id] != before[id]-1 {
			t.Errorf("an unrelated change raised it again: %v", w)
		}
		list(other + entry("n:1", name, ", addresses: [Harbour road 1]") + entry("n:3", "Tasvakelli Shipping", ""))
		if w := waiting(); w[id] != before[id] {
			t.Errorf("the entry changed, and it is not raised again: %v", w)
		}
		// Delisted, it waits for nobody.
		list(other + entry("n:3", "Tasvakelli Shipping", ""))
		if w := waiting(); w[id] != 0 {
			t.Errorf("delisted, it still waits: %v", w)
		}
		if _, err := app.Watches(ctx, s.Actors["kari"], time.Time{}, "", 50); !fault.Is(err, fault.NotFound) {
			t.Errorf("an exporter is told: %v", err)
		}
		if _, err := app.Watch(ctx, s.Actors["kari"], id); !fault.Is(err, fault.NotFound) {
			t.Errorf("an exporter is told: %v", err)
		}
	})
}

// decided are the decided cases of the demonstration.
func decided(t *testing.T, app *node.App, actor access.Actor) (out []*licensing.Case) {
	t.Helper()
	var changed []store.ChangedCase
	must(t, app.Store().View(ctx, func(tx *store.Tx) (err error) {
		changed, err = tx.ChangedCases(store.ChangedCase{}, 100)
		return err
	}))
	for _, c := range changed {
		f, err := app.CaseFile(ctx, actor, c.ID)
		if err == nil && f.Case.Stage == licensing.DecidedStage {
			out = append(out, f.Case)
		}
	}
	return out
}
