package listing_test

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/comity-project/comity/e2e/browser"
	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/lists"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/repotest"
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
	for name, path := range map[string]string{"controls": "/controls", "found": "/controls?q=5A001.f", "entry": "/controls/national?code=1A001", "changes": "/controls/national/changes", "touched": "/controls/national/touched"} {
		officer.Open(server.URL + path)
		look(officer, name)
	}
	officer.Open(server.URL + "/controls/classify")
	look(officer, "classify-empty")
	officer.Fill("Description", "Jammer for mobile phones.")
	officer.Press("Look")
	officer.Sees("Questions that still matter")
	look(officer, "classify")
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

	officer.Open(server.URL + "/screen/files")
	look(officer, "files-empty")
	for _, name := range []string{"customs list, week 47.csv", "customers.csv"} {
		sent := node.SentFile{Name: name, Bytes: []byte(customers), Purpose: node.ForDuty, About: "Export control act, section 4"}
		if _, err := app.SendScreenFile(ctx, h.people["officer"], sent); err != nil {
			t.Fatal(err)
		}
	}
	officer.Open(server.URL + "/screen/files")
	officer.Press("customers.csv")
	look(officer, "file-waiting")
	app.Runner().Drain(ctx)
	officer.Open(server.URL + "/screen/files")
	look(officer, "files")
	officer.Press("customers.csv")
	officer.Sees("Done", "Get the results")
	look(officer, "file-done")

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

// TestRealListsInABrowser looks at the pages with real lists on them: long
// names, many scripts, thousands of rows kept aside.
func TestRealListsInABrowser(t *testing.T) {
	data := repotest.Data(t)
	app := nodetest.Open(t, store.SQLite, nodetest.NewClock())
	h := newHouse(t, app)
	for _, x := range []struct{ list, published, files string }{
		{"un-sc", "", "lists/un/consolidated_2025-11-18.xml"},
		{"un-sc", "", "lists/un/consolidated_2026-02-27.xml"},
		{"ofac-sdn", "2025-12-24", "lists/us/[sa]*.csv"},
		{"eu-annex-i", "2022-01-07", "controls/control-list-eu-dual-use-2022.jsonl"},
		{"eu-annex-i", "", "controls/control-list-eu-dual-use-2025-11-15.jsonl"},
		{"us-ccl", "", "controls/control-list-us-ccl-2026-07-23.jsonl"},
	} {
		cmd := node.ImportList{List: x.list, Published: x.published, Activate: true, Reason: "test"}
		names, err := filepath.Glob(filepath.Join(data, x.files))
		if err != nil || len(names) == 0 {
			t.Fatalf("%s: %v", x.files, err)
		}
		for _, n := range names {
			b, err := os.ReadFile(n)
			if err != nil {
				t.Fatal(err)
			}
			cmd.Files = append(cmd.Files, node.ListFile{Name: filepath.Base(n), Bytes: b})
		}
		if err := app.Do(ctx, access.System(), cmd); err != nil {
			t.Fatal(err)
		}
	}
	if err := app.ReloadEngines(ctx); err != nil {
		t.Fatal(err)
	}
	aside := h.get("officer", "/lists/ofac-sdn/1?show=aside").Status(200)
	aside.HasText("#main", "50 shown of 7,359").Count("tbody tr", 50)
	h.get("officer", "/lists/ofac-sdn/1?show=aside&after=7350").Status(200).Count("tbody tr", 9)
	h.get("officer", "/lists/us-ccl/1").Status(200).HasText("table", "When there is time")

	server := httptest.NewServer(h.h)
	defer server.Close()
	v := browser.Start(t).Visitor(t)
	pictures := browser.Pictures(t)
	v.Open(server.URL + "/sign-in")
	v.Fill("Sign-in name", "officer")
	v.Fill("Password", password)
	v.Press("Sign in")
	v.Forgive()
	for name, path := range map[string]string{
		"lists": "/lists", "un": "/lists/un-sc/2", "added": "/lists/un-sc/2?show=added", "aside": "/lists/ofac-sdn/1?show=aside", "doubts": "/lists/us-ccl/1",
		"entry": "/controls/eu-annex-i?code=5A001.f", "ccl": "/controls/us-ccl?code=5A001", "changes": "/controls/eu-annex-i/changes", "found": "/controls?q=mobile+telecommunications+interception",
	} {
		v.Open(server.URL + path)
		v.Size(1280, 900)
		v.Accessible()
		v.Screenshot(filepath.Join(pictures, "listing-real-"+name+".png"))
		v.Size(390, 900)
		v.NoSidewaysScroll()
	}
	v.Size(1280, 900)
	v.Open(server.URL + "/screen")
	v.Fill("Name", "Усама бин Ладен")
	v.Choose("A duty under law")
	v.Fill("Reference of the case or licence, or the duty", "Export control act, section 4")
	v.Press("Search")
	v.Sees("LADEN")
	v.Accessible()
	v.Screenshot(filepath.Join(pictures, "listing-real-screen.png"))
	v.Size(390, 900)
	v.NoSidewaysScroll()
}
