package exchange_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/comity-project/comity/content"
	"github.com/comity-project/comity/e2e/browser"
	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/dispatch"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web"
	"github.com/comity-project/comity/internal/web/door"
)

// reader gives one file, and then an error until it is told otherwise.
type reader struct{ given, broken bool }

func (*reader) Check(address string) error {
	if address[:5] != "https" {
		return fault.New(fault.Invalid, "fetch.plain", "url", address)
	}
	return nil
}

func (r *reader) Read(_ context.Context, _, address string, from dispatch.Cursor, take func(string, []byte) error) (dispatch.Cursor, error) {
	if r.given || r.broken {
		return from, fault.New(fault.Unavailable, "fetch.offline", "host", "feeds.example", "url", address)
	}
	r.given = true
	return from, take("lab.json", []byte(labBundle))
}

// fed is a node that reads feeds, with its point of contact and an officer.
func fed(t *testing.T, engine store.Engine, clock *nodetest.Clock) (seat, *reader) {
	t.Helper()
	cat, err := lang.Load(content.FS)
	if err != nil {
		t.Fatal(err)
	}
	from := &reader{}
	cfg := nodetest.Config(t, engine, clock)
	cfg.Feeds, cfg.State = from, "XN"
	app := nodetest.OpenAt(t, cfg)
	site, err := web.Site(door.New(app), web.Options{Catalogue: cat})
	if err != nil {
		t.Fatal(err)
	}
	org := nodetest.Org(t, app, account.Authority, "Licensing authority")
	return seat{&nodetest.Seat{
		T: t, App: app, Authority: org, Contact: nodetest.Person(t, app, org, "contact", access.PointOfContact), Adviser: nodetest.Person(t, app, org, "adviser", access.RightsAdviser),
	}, &nodetest.House{T: t, App: app}, site}, from
}

// subscribed subscribes by the form.
func (s seat) subscribed(collection string) string {
	s.T.Helper()
	f := s.page("/exchange/feeds", s.Contact).Form("/exchange/feeds")
	for name, value := range map[string]string{"collection": collection, "source": "A laboratory", "licence": "CC-BY-4.0", "admiralty": "B2", "url": "http://feeds.example/lab.json", "hours": "many"} {
		f.Set(name, value)
	}
	s.post(f, s.Contact).Status(http.StatusUnprocessableEntity).HasText(".govuk-error-summary", "hours between 1 and")
	f.Set("hours", "6")
	s.post(f, s.Contact).Status(http.StatusUnprocessableEntity).HasText(".govuk-error-summary", "begins with https")
	f.Set("url", "https://feeds.example/lab.json")
	feed := "/exchange/feeds/" + f.Get("id")
	s.post(f, s.Contact).Redirects(feed)
	return feed
}

// The point of contact subscribes, sees what came and what fails and why, has it
// fetched now, and stops it; others of the authority read.
func TestFeeds(t *testing.T) {
	both(t, func(t *testing.T, engine store.Engine, clock *nodetest.Clock) {
		s, from := fed(t, engine, clock)
		collection := node.NewID()
		s.Do(s.Contact, dispatch.OpenCollection{Collection: collection, Title: "Spyware indicators"})
		s.page("/exchange/feeds", s.Contact).HasText("body", "No feed is subscribed")
		feed := s.subscribed(collection)
		s.page(feed, s.Contact).HasText("body", "Not fetched yet")
		s.App.Runner().Drain(t.Context())
		page := s.page(feed, s.Contact).HasText("#fetches td", "3").HasText("#origin", "https://feeds.example/lab.json")
		s.page(page.Link("Import 1"), s.Adviser).HasText("#objects", "Halden Signals").HasText("#origin", "CC-BY-4.0")
		s.page(feed, s.Adviser).Count("#origin form", 0)
		s.post(s.page(feed, s.Contact).Form(feed+"/fetch"), s.Contact).Redirects(feed)
		s.App.Runner().Drain(t.Context())
		s.page(feed, s.Contact).HasText("body", "feeds.example can't be reached").HasText("body", "Failed in a row: 1")
		s.page("/exchange/feeds", s.Adviser).HasText("#feeds", "Failed in a row: 1").Count("#subscribe", 0)
		for range 2 {
			s.house.Later(clock, time.Hour)
			s.App.Runner().Drain(t.Context())
		}
		s.page("/exchange", s.Contact).HasText("#duties", "The feed of A laboratory fails")
		from.given = false
		s.house.Later(clock, 24*time.Hour)
		s.App.Runner().Drain(t.Context())
		s.page("/exchange/feeds", s.Contact).HasText("#feeds", "as it should be")
		s.post(s.page(feed, s.Contact).Form(feed+"/stop"), s.Contact).Redirects(feed)
		s.page(feed, s.Contact).Count("#origin form", 0)
		s.page("/exchange/feeds", s.Contact).HasText("#feeds", "stopped")
	})
}

func TestFeedsInABrowser(t *testing.T) {
	s, from := fed(t, store.SQLite, nodetest.NewClock())
	collection := node.NewID()
	s.Do(s.Contact, dispatch.OpenCollection{Collection: collection, Title: "Spyware indicators"})
	feed := s.subscribed(collection)
	s.App.Runner().Drain(t.Context())
	from.broken = true
	s.post(s.page(feed, s.Contact).Form(feed+"/fetch"), s.Contact).Redirects(feed)
	s.App.Runner().Drain(t.Context())
	site := httptest.NewServer(s.site)
	defer site.Close()
	pictures := browser.Pictures(t)
	v := browser.Start(t).Visitor(t)
	cookie := s.house.SignIn(s.Contact)
	v.Cookie(site.URL, cookie.Name, cookie.Value)
	for _, size := range []int{1280, 360} {
		for name, path := range map[string]string{"feeds": "/exchange/feeds", "feed": feed} {
			v.Size(size, 900)
			v.Open(site.URL + path)
			v.Accessible()
			v.NoSidewaysScroll()
			v.Screenshot(filepath.Join(pictures, "exchange-"+name+map[int]string{1280: "-wide", 360: "-phone"}[size]+".png"))
		}
	}
}
