package statistics_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/comity-project/comity/content"
	"github.com/comity-project/comity/e2e/browser"
	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/demo/volume"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui/uitest"
)

// desk is a house with its site, and a year of made-up cases.
type desk struct {
	*nodetest.House
	site http.Handler
	year string
}

func newDesk(t *testing.T, app *node.App, clock *nodetest.Clock, cases int64) desk {
	t.Helper()
	cat, err := lang.Load(content.FS)
	if err != nil {
		t.Fatal(err)
	}
	site, err := web.Site(door.New(app), web.Options{Catalogue: cat})
	if err != nil {
		t.Fatal(err)
	}
	h := &nodetest.House{T: t, App: app}
	authority := nodetest.Org(t, app, account.Authority, "Authority")
	h.Senior = nodetest.Person(t, app, authority, "sunniva", access.SeniorOfficer)
	h.Officer = nodetest.Person(t, app, authority, "oda", access.LicensingOfficer)
	h.Applicant = nodetest.Person(t, app, nodetest.Org(t, app, account.Exporter, "Company"), "axel", access.ExporterUser)
	d := desk{h, site, strconv.Itoa(clock.Now().Year())}
	if _, err := volume.Make(context.Background(), app, volume.Options{Cases: int(cases), Seed: 11}); err != nil {
		t.Fatal(err)
	}
	return d
}

// page asks for a page: sound, fully worded, and within its statements. Whoever
// has no account is a visitor.
func (d desk) page(path string, who access.Actor) *uitest.Answer {
	d.T.Helper()
	n := 0
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r = r.WithContext(store.CountStatements(r.Context(), &n))
	var cookies []*http.Cookie
	if who.Account != "" {
		cookies = append(cookies, d.SignIn(who))
	}
	a := uitest.Ask(d.T, d.site, r, cookies...).Status(http.StatusOK)
	a.Sound()
	if n > 10 {
		d.T.Errorf("%s costs %d statements", path, n)
	}
	if i := strings.Index(a.Body, ">["); i >= 0 {
		d.T.Errorf("%s says a key: %q", path, a.Body[i:min(i+80, len(a.Body))])
	}
	return a
}

// count presses a page's button and lets the node count.
func (d desk) count(path, back string, who access.Actor) {
	d.T.Helper()
	uitest.Post(d.T, d.site, d.page(path, who).Form("/statistics/count"), d.SignIn(who)).Redirects(back)
	d.page(back, who).HasText("h2", "being counted")
	d.App.Runner().Drain(context.Background())
}

// nextYear is the same house more than a year later, when every session has ended.
func (d desk) nextYear(clock *nodetest.Clock) desk {
	clock.Move(367 * 24 * time.Hour)
	d.House = d.Again()
	return d
}

var visitor access.Actor

// An officer counts the year; a senior officer sees what the public would be
// told, can publish when the year is over, and then anybody reads it, as a page,
// as PDF and as CSV.
func TestAYearIsCountedAndPublished(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		d := newDesk(t, app, clock, 300)
		d.page("/reports", visitor).HasText("h2", "No report has been published yet")
		uitest.Get(t, d.site, "/reports/"+d.year, nil...).Status(http.StatusNotFound)
		uitest.Get(t, d.site, "/statistics", d.SignIn(d.Applicant)).Status(http.StatusNotFound)

		own := "/statistics?year=" + d.year
		d.page(own, d.Officer).HasText("h2", "Nobody has counted "+d.year)
		d.count(own, own, d.Officer)
		d.page(own, d.Officer).HasText("#totals dd", "300").HasText("#months th", "January").HasText("#destinations th", "Total").HasText("#grounds svg title", "Refusals by ground")

		public := "/statistics/publish?year=" + d.year
		uitest.Get(t, d.site, public, d.SignIn(d.Officer)).Status(http.StatusForbidden)
		d.count(public, public, d.Senior)
		d.page(public, d.Senior).HasText("h1", "Statistics of "+d.year).HasText("#publish p", "agree with the ledger").HasText("#publish p", d.year+" is not over")
		d = d.nextYear(clock)
		d.count(public, public, d.Senior)
		form := d.page(public, d.Senior).HasText("p.meta", "Counts from 1 to just under 5 are hidden").Form("/statistics/publish")
		form.Set("note", strings.Repeat("x", 4001))
		bad := uitest.Post(t, d.site, form, d.SignIn(d.Senior)).Status(http.StatusUnprocessableEntity).HasText(".govuk-error-summary a", "4,000").HasText("textarea", "xxx")
		form = bad.Form("/statistics/publish")
		form.Set("note", "The first year under the new rules.")
		uitest.Post(t, d.site, form, d.SignIn(d.Senior)).Redirects("/reports/" + d.year)

		d.page("/reports", visitor).HasText("tbody th", d.year)
		d.page("/reports/"+d.year, visitor).HasText("#note p", "The first year").HasText("#totals dd", "300").HasText("#destinations th", "all others")
		if pdf := uitest.Get(t, d.site, "/reports/"+d.year+"/report.pdf", nil...).Status(http.StatusOK); !strings.HasPrefix(pdf.Body, "%PDF-") {
			t.Errorf("the PDF begins with %q", pdf.Body[:8])
		}
		csv := uitest.Get(t, d.site, "/reports/"+d.year+"/report.csv", nil...).Status(http.StatusOK).Body
		for _, want := range []string{"year,table,key,name,column,count,hidden", d.year + ",totals,received,,,300,no", d.year + ",destinations,other,all others,"} {
			if !strings.Contains(csv, want) {
				t.Errorf("the CSV lacks %q:\n%s", want, csv)
			}
		}
		for _, path := range []string{"/reports/nonsense", "/reports/" + d.year + "?edition=2", "/reports/" + d.year + "?edition=-1", "/reports/" + d.year + "/report.exe"} {
			uitest.Get(t, d.site, path, nil...).Status(http.StatusNotFound)
		}
		d.count(public, public, d.Senior)
		again := uitest.Post(t, d.site, d.page(public, d.Senior).Form("/statistics/publish"), d.SignIn(d.Senior)).Status(http.StatusUnprocessableEntity)
		again.HasText(".govuk-error-summary a", "what is different")
	})
}

// TestInBrowser looks at the pages wide, narrow and dark, with axe-core.
func TestInBrowser(t *testing.T) {
	clock := nodetest.NewClock()
	app := nodetest.Open(t, store.SQLite, clock)
	d := newDesk(t, app, clock, 1200)
	own, public := "/statistics?year="+d.year, "/statistics/publish?year="+d.year
	d.count(own, own, d.Senior)
	d = d.nextYear(clock)
	d.count(public, public, d.Senior)
	form := d.page(public, d.Senior).Form("/statistics/publish")
	form.Set("note", "The first year under the new rules.")
	uitest.Post(t, d.site, form, d.SignIn(d.Senior)).Redirects("/reports/" + d.year)

	server := httptest.NewServer(d.site)
	t.Cleanup(server.Close)
	pictures := browser.Pictures(t)
	b := browser.Start(t)
	anybody, v := b.Visitor(t), b.Visitor(t)
	anybody.Scripts(false)
	v.Open(server.URL + "/sign-in")
	v.Fill("Sign-in name", "sunniva")
	v.Fill("Password", nodetest.Password)
	v.Press("Sign in")
	v.Forgive()
	for _, page := range []struct {
		name, path string
		by         *browser.Visitor
	}{{"own", own, v}, {"publish", public, v}, {"reports", "/reports", anybody}, {"report", "/reports/" + d.year, anybody}} {
		page.by.Open(server.URL + page.path)
		page.by.Size(1280, 900)
		page.by.Screenshot(filepath.Join(pictures, "statistics-"+page.name+".png"))
		page.by.Size(360, 740)
		page.by.NoSidewaysScroll()
		page.by.Screenshot(filepath.Join(pictures, "statistics-"+page.name+"-phone.png"))
		page.by.Size(1280, 900)
		if page.by == v { // axe is a script
			v.Accessible()
			v.Dark(true)
			v.Accessible()
			v.Dark(false)
		}
	}
	v.Open(server.URL + "/reports/" + d.year)
	v.Accessible()
}
