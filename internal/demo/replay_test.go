package demo_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/demo"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/rulebook"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/policy"
)

// Past decisions stand where they stood under their own pack; under another one
// each line that moves is told with its case, its destination and the reason;
// and an erased case is counted, not read.
func pastUnderOtherPacks(t *testing.T, app *node.App, s *demo.State) {
	t.Helper()
	e, err := node.ShippedEngines()
	must(t, err)
	var told []int64
	r, err := app.ReplayPack(ctx, access.System(), e.Pack, "", func(done, total int64) { told = append(told, done, total) })
	must(t, err)
	if r.Cases != 4 || r.Moved != 0 || r.Regrounded != 0 || r.Without != 0 || len(told) == 0 || told[len(told)-1] != 4 {
		t.Fatalf("under its own pack: %+v, told %v", r, told)
	}
	doc := e.Pack.Document()
	doc.Version, doc.Laws = "next", []string{"uk"} // which knows no rule of the Code
	next, err := policy.New(doc)
	must(t, err)
	r, err = app.ReplayPack(ctx, access.System(), next, "", nil)
	must(t, err)
	if r.Moved == 0 || len(r.Flips) == 0 || len(r.Destinations) == 0 || len(r.Categories) == 0 || len(r.Rules) == 0 {
		t.Fatalf("under another: %+v", r)
	}
	for _, f := range r.Flips {
		if f.Reference == "" || f.Was == f.Now || len(f.Gone)+len(f.Rules) == 0 {
			t.Errorf("a flip without its reason: %+v", f)
		}
	}
	if none, err := app.ReplayPack(ctx, access.System(), next, "2099-01-01", nil); err != nil || none.Cases != 0 {
		t.Errorf("since a day to come: %+v, %v", none, err)
	}
	if _, err := app.ReplayPack(ctx, s.Actors["kari"], next, "", nil); !fault.Is(err, fault.NotFound) {
		t.Errorf("an exporter replays: %v", err)
	}
	gone := r.Flips[0].Case

	// A refold makes anew what was lost of a decision's facts.
	must(t, app.Store().Update(ctx, func(t *store.Tx) error { return t.ForgetFacts(gone) }))
	if r, err := app.ReplayPack(ctx, access.System(), next, "", nil); err != nil || r.Cases != 3 {
		t.Errorf("without the facts of one: %+v, %v", r, err)
	}
	_, err = app.Refold(ctx, nil)
	must(t, err)
	if again, err := app.ReplayPack(ctx, access.System(), next, "", nil); err != nil || !reflect.DeepEqual(again, r) {
		t.Errorf("after a refold: %+v, %v, want %+v", again, err, r)
	}

	must(t, app.Do(ctx, access.System(), node.Erase{What: event.StreamOf("case", gone), Rule: "retention"}))
	if r, err = app.ReplayPack(ctx, access.System(), next, "", nil); err != nil || r.Cases != 3 || r.Without != 1 {
		t.Errorf("after an erasure: %+v, %v", r, err)
	}
}

// A pack that moves past decisions comes into force when somebody else than its
// author publishes it, after those decisions were acknowledged as they stand,
// and on its day, not before.
func rulesChange(t *testing.T, app *node.App, clock *nodetest.Clock) {
	t.Helper()
	org := nodetest.Org(t, app, account.Authority, "Policy unit")
	editor := nodetest.Person(t, app, org, "editor", access.PolicyEditor)
	senior := nodetest.Person(t, app, org, "head", access.SeniorOfficer)
	e, err := app.Engines(ctx)
	must(t, err)
	shipped := e.Pack
	doc := shipped.Document()
	doc.Version, doc.Laws = "next", []string{"uk"}
	next, err := policy.New(doc)
	must(t, err)
	text, err := node.PackText(next)
	must(t, err)

	id := node.NewID()
	broken := append(append([]byte{}, text...), []byte("\nrules_of_mine: []\n")...)
	if err := app.Do(ctx, editor, node.ProposePack{ID: id, Text: broken, Note: "Mine."}); !fault.Is(err, fault.Invalid) {
		t.Errorf("a pack that does not load: %v", err)
	}
	if err := app.Do(ctx, senior, node.ProposePack{ID: id, Text: text, Note: "Mine."}); err == nil {
		t.Error("who may not edit proposes")
	}
	must(t, app.Do(ctx, editor, node.ProposePack{ID: id, Text: text, Note: "The state leaves the Union."}))
	v, err := app.PackVersion(ctx, senior, id)
	must(t, err)
	if v.Pack.Hash() != next.Hash() {
		t.Error("the pack did not come back from its text as it was")
	}
	today := deadline.Date(policy.DateOf(app.Now()))
	publish := rulebook.Publish{ID: id, From: today.Add(1)}
	if err := app.Do(ctx, editor, publish); !fault.Is(err, fault.Denied) {
		t.Errorf("an editor publishes: %v", err)
	}
	if err := app.Do(ctx, senior, publish); !fault.Is(err, fault.Blocked) {
		t.Errorf("past decisions move, and it is published: %v", err)
	}
	r, err := app.ReplayPack(ctx, editor, next, "", nil)
	must(t, err)
	must(t, app.Do(ctx, editor, rulebook.Acknowledge{ID: id, Moves: r.Moves, Cases: int(r.Moved), Reason: "They were decided under other law."}))
	must(t, app.Do(ctx, senior, publish))

	must(t, app.ReloadEngines(ctx))
	if e, err = app.Engines(ctx); err != nil || e.Pack.Hash() != shipped.Hash() {
		t.Errorf("it is in force before its day: %v", err)
	}
	clock.Move(24 * time.Hour)
	must(t, app.ReloadEngines(ctx))
	if e, err = app.Engines(ctx); err != nil || e.Pack.Hash() != next.Hash() || e.Rules == nil || e.Rules.ID != id {
		t.Errorf("it is not in force on its day: %v", err)
	}
}
