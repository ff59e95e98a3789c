package demo_test

import (
	"testing"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/demo"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/policy"
)

// Past decisions stand where they stood under their own pack; under another one
// each line that moves is told with its case, its destination and the reason;
// and an erased case is counted, not read.
func pastUnderOtherPacks(t *testing.T, app *node.App, s *demo.State) {
	t.Helper()
	e, err := app.Engines(ctx)
	must(t, err)
	var told []int64
	r, err := app.ReplayPack(ctx, access.System(), e.Pack, "", func(done, total int64) { told = append(told, done, total) })
	must(t, err)
	if r.Cases != 3 || r.Moved != 0 || r.Regrounded != 0 || r.Without != 0 || len(told) == 0 || told[len(told)-1] != 3 {
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
	must(t, app.Do(ctx, access.System(), node.Erase{What: event.StreamOf("case", gone), Rule: "retention"}))
	if r, err = app.ReplayPack(ctx, access.System(), next, "", nil); err != nil || r.Cases != 2 || r.Without != 1 {
		t.Errorf("after an erasure: %+v, %v", r, err)
	}
}
