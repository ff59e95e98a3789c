package e2e

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/comity-project/comity/content"
	"github.com/comity-project/comity/e2e/browser"
	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/demo"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/lists"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/party"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web"
	"github.com/comity-project/comity/internal/web/door"
)

// TestWhatCameToLightAfterADecision: a party of a decided case is listed, an
// officer finds it among what waits, and says which it is.
func TestWhatCameToLightAfterADecision(t *testing.T) {
	ctx, clock := context.Background(), nodetest.NewClock()
	app := nodetest.Open(t, store.SQLite, clock)
	s, err := demo.SetUp(ctx, app, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Build(ctx, clock, nil); err != nil {
		t.Fatal(err)
	}
	amira := s.Actors["amira"]
	name, reference := decidedParty(t, app, amira)
	text, err := json.Marshal(map[string]any{
		"schema": "comity.parties/v1", "list": "NORLAND", "title": "Own list", "published": "2026-11-01",
		"parties": []any{map[string]any{"id": "n:1", "type": "organisation", "names": []any{map[string]any{"text": name, "kind": "primary"}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, cmd := range []any{
		lists.DefineList{List: "own", Definition: lists.Definition{
			Title: "Own list", Kind: lists.Parties, Format: "comity-yaml", LegalBasis: "Export control act", Publisher: "Norland", Scope: "Screening", GoneLimit: 900, ReviewBy: "2027-11-01",
		}},
		node.ImportList{List: "own", Activate: true, Reason: "test", Files: []node.ListFile{{Name: "own.yaml", Bytes: text}}},
		node.SetPassword{Account: amira.Account, New: "correct horse battery"},
	} {
		if err := app.Do(ctx, access.System(), cmd); err != nil {
			t.Fatal(err)
		}
	}
	app.Runner().Drain(ctx)

	cat, err := lang.Load(content.FS)
	if err != nil {
		t.Fatal(err)
	}
	d := door.New(app)
	d.Node, d.States, d.Log = demo.Authority, demo.States, slog.New(slog.DiscardHandler)
	site, err := web.Site(d, web.Options{Catalogue: cat, Zone: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(site)
	defer server.Close()
	v := browser.Start(t).Visitor(t)
	look := func(name string) {
		t.Helper()
		for width, suffix := range map[int]string{1280: "-wide.png", 360: "-narrow.png"} {
			v.Size(width, 900)
			v.Accessible()
			v.NoSidewaysScroll()
			v.Screenshot(filepath.Join(browser.Pictures(t), "watch-"+name+suffix))
		}
		v.Size(1280, 900)
	}
	v.Open(server.URL + "/sign-in")
	v.Fill("Sign-in name", "amira")
	v.Fill("Password", "correct horse battery")
	v.Press("Sign in")
	v.Open(server.URL + "/lists")
	v.Press("After the decision")
	v.Sees(reference)
	look("list")
	v.Press(reference)
	v.Sees(name, "To be looked at")
	v.Click("Answer this match")
	look("case")
	v.Press("Put the answer on record")
	v.Sees("Choose an answer.")
	v.Choose("Another party")
	v.Fill("Why", "Another town and another number in the register.")
	v.Press("Put the answer on record")
	v.Sees("Looked at", "Another town and another number in the register.")
	look("settled")
}

// decidedParty gives the name of the first party of a decided case, and the
// case's reference.
func decidedParty(t *testing.T, app *node.App, actor access.Actor) (name, reference string) {
	t.Helper()
	ctx := context.Background()
	var changed []store.ChangedCase
	if err := app.Store().View(ctx, func(tx *store.Tx) (err error) {
		changed, err = tx.ChangedCases(store.ChangedCase{}, 100)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for _, c := range changed {
		f, err := app.CaseFile(ctx, actor, c.ID)
		if err == nil && f.Case.Stage == licensing.DecidedStage {
			return party.PrimaryName(f.Case.App().Parties[0].Names), f.Case.Reference
		}
	}
	t.Fatal("the demonstration has no decided case")
	return "", ""
}
