package listing_test

import (
	"net/http/httptest"
	"path/filepath"
	"testing"

	"github.com/comity-project/comity/e2e/browser"
	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/lists"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
)

// TestPagesInABrowser walks the pages as people do, in a wide and a narrow
// window, and has each checked for accessibility.
func TestPagesInABrowser(t *testing.T) {
	app := nodetest.Open(t, store.SQLite, nodetest.NewClock())
	h := newHouse(t, app)
	h.stock()
	if err := app.Do(ctx, access.System(), lists.Object{
		List: "own", ID: node.NewID(), Entry: "n:1", Kind: lists.Correction, Received: "2026-11-08",
		Text: lists.ObjectionText{From: "Zarvanik Works", Contact: "counsel@zarvanik.example", Text: "We make spectacles and have never made sights."},
	}); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(h.h)
	defer server.Close()
	b := browser.Start(t)
	pictures := browser.Pictures(t)
	enter := func(sign string) *browser.Visitor {
		h.password(sign)
		v := b.Visitor(t)
		v.Open(server.URL + "/sign-in")
		v.Fill("Sign-in name", sign)
		v.Fill("Password", password)
		v.Press("Sign in")
		v.Forgive() // the page after signing in belongs to another door
		return v
	}
	look := func(v *browser.Visitor, name string) {
		t.Helper()
		for _, width := range []int{1280, 390} {
			v.Size(width, 900)
			v.Accessible()
			v.NoSidewaysScroll()
			suffix := "-wide.png"
			if width < 500 {
				suffix = "-narrow.png"
			}
			v.Screenshot(filepath.Join(pictures, "listing-"+name+suffix))
		}
		v.Size(1280, 900)
	}
	admin := enter("admin")
	for name, path := range map[string]string{"lists": "/lists", "list": "/lists/own", "version": "/lists/own/2", "removed": "/lists/own/2?show=removed"} {
		admin.Open(server.URL + path)
		look(admin, name)
	}
	keeper := enter("keeper")
	keeper.Open(server.URL + "/lists/own")
	keeper.Click("Record a correction or objection")
	look(keeper, "keeper")

	officer := enter("officer")
	for name, path := range map[string]string{"controls": "/controls", "found": "/controls?q=5A001.f", "entry": "/controls/national?code=1A001", "changes": "/controls/national/changes"} {
		officer.Open(server.URL + path)
		look(officer, name)
	}
	officer.Open(server.URL + "/screen")
	look(officer, "screen-empty")
	officer.Fill("Name", "Зарваник Оптроникс")
	officer.Choose("A duty under law")
	officer.Fill("Reference of the case or licence, or the duty", "Export control act, section 4")
	officer.Press("Search")
	officer.Sees("Zarvanik Optronics Works", "Not searched", "Disputed")
	look(officer, "screen-hit")
	officer.Fill("Name", "Ministry of Interior of Karsovia")
	officer.Press("Search")
	look(officer, "screen-hits")
	officer.Dark(true)
	look(officer, "screen-dark")
	officer.Dark(false)

	auditor := enter("auditor")
	auditor.Open(server.URL + "/screenings")
	auditor.Sees("A duty under law", "Licensing officer")
	auditor.Misses("Karsovia")
	look(auditor, "screenings")

	exporter := enter("exporter")
	exporter.Open(server.URL + "/screen")
	exporter.Fill("Name", "Ministry of Interior of Karsovia")
	exporter.Press("Search")
	exporter.Misses("Alvania", "Own list")
	look(exporter, "exporter")
}
