package exchange_test

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"github.com/comity-project/comity/e2e/browser"
	"github.com/comity-project/comity/internal/dispatch"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/ui/uitest"
)

// The pages are accessible and fit a phone, with and without what they show.
func TestPagesInABrowser(t *testing.T) {
	clock := nodetest.NewClock()
	all := community(t, store.SQLite, clock, "XA", "XN", "XR")
	xn, xa := all["XN"], all["XA"]
	paper := xn.draft("/exchange/new/report", func(f uitest.Form) {
		f.Set("audience", "XA")
		f.Set("capability.1.name", "Quiet Lens")
		f.Set("capability.1.harms", "device-intrusion")
	})
	xa.Issue(nodetest.Said(clock.Now(), "Our warning about the unit", "Special Telecommunications Unit", "XN"))
	xn.From(xa.Seat)
	xn.check(paper)
	site := httptest.NewServer(xn.site)
	defer site.Close()
	look := looker(t, site.URL, xn.house.SignIn(xn.Contact))
	look("inbox", "/exchange")
	look("out", "/exchange/out")
	look("new", "/exchange/new/report")
	look("paper", paper)
	look("issue", paper+"/issue")
	xn.Do(xn.Contact, dispatch.Issue{OnPaper: dispatch.OnPaper{Paper: filepath.Base(paper)}})
	look("graph", "/exchange/graph")
	look("recall", paper+"/recall")
	collection, file := node.NewID(), node.NewID()
	xn.Do(xn.Contact, dispatch.OpenCollection{Collection: collection, Title: "Spyware indicators"})
	if _, err := xn.App.TakeFile(t.Context(), xn.Contact, node.TakeFile{Import: file, Collection: collection, Name: "lab.json", Bytes: []byte(labBundle), From: lab}); err != nil {
		t.Fatal(err)
	}
	look("published", "/exchange/collections")
	look("take", "/exchange/collections/take")
	look("collection", "/exchange/collections/"+collection)
	look("import", "/exchange/imports/"+file)
	said := xn.only("Our warning about the unit")
	look("statement", said)
	look("answer", "/exchange/new/reply?leaf="+filepath.Base(said))
}

// looker opens pages wide and on a phone, and holds them to what all can use.
func looker(t *testing.T, site string, cookie *http.Cookie) func(name, path string) {
	pictures := browser.Pictures(t)
	v := browser.Start(t).Visitor(t)
	v.Cookie(site, cookie.Name, cookie.Value)
	return func(name, path string) {
		t.Helper()
		for _, size := range []struct {
			name  string
			width int
		}{{"wide", 1280}, {"phone", 360}} {
			v.Size(size.width, 900)
			v.Open(site + path)
			v.Accessible()
			v.NoSidewaysScroll()
			v.Screenshot(filepath.Join(pictures, "exchange-"+name+"-"+size.name+".png"))
		}
	}
}

// So are the pages of a case about which another state reported.
func TestACaseInABrowser(t *testing.T) {
	clock := nodetest.NewClock()
	all := community(t, store.SQLite, clock, "XA", "XN")
	n, id, _ := warned(t, all["XN"], all["XA"], clock)
	site := httptest.NewServer(n.site)
	defer site.Close()
	look := looker(t, site.URL, n.house.SignIn(n.house.Officer))
	look("case", "/cases/"+id)
	look("told", "/cases/"+id+"/told")
	look("reported", n.page("/cases/"+id, n.house.Officer).Link("Our warning about the unit"))
}
