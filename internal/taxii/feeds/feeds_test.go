package feeds_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/dispatch"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/fetch"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/taxii/feeds"
)

// publisher is a server whose answers a test changes.
type publisher struct {
	*httptest.Server
	answer func(w http.ResponseWriter, r *http.Request)
	asked  []string
}

func publish(t *testing.T) *publisher {
	p := &publisher{}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.asked = append(p.asked, r.URL.RequestURI())
		p.answer(w, r)
	}))
	t.Cleanup(p.Close)
	return p
}

func identity(n int, name string) string {
	return fmt.Sprintf(`{"type":"identity","spec_version":"2.1","id":"identity--00000000-0000-4000-8000-%012d","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","name":%q}`, n, name)
}

func bundle(objects ...string) string {
	return `{"type":"bundle","id":"bundle--00000000-0000-4000-8000-000000000001","objects":[` + strings.Join(objects, ",") + `]}`
}

// desk is a node that fetches feeds from loopback, with a collection.
type desk struct {
	*testing.T
	*node.App
	clock      *nodetest.Clock
	contact    access.Actor
	officer    access.Actor
	collection string
	from       dispatch.Provenance
}

func both(t *testing.T, f func(d desk, p *publisher)) {
	for _, engine := range []store.Engine{store.SQLite, store.Postgres} {
		t.Run(string(engine), func(t *testing.T) {
			allow, err := fetch.ParseAllow([]string{"127.0.0.1"})
			if err != nil {
				t.Fatal(err)
			}
			clock := nodetest.NewClock()
			cfg := nodetest.Config(t, engine, clock)
			cfg.Feeds = feeds.New(allow)
			app := nodetest.OpenAt(t, cfg)
			org := nodetest.Org(t, app, account.Authority, "Licensing authority")
			d := desk{T: t, App: app, clock: clock, collection: node.NewID(), from: dispatch.Provenance{Source: "A laboratory", Licence: "CC-BY-4.0", Admiralty: "B2"}}
			d.contact, d.officer = nodetest.Person(t, app, org, "contact", access.PointOfContact), nodetest.Person(t, app, org, "officer", access.LicensingOfficer)
			if err := app.Do(t.Context(), d.contact, dispatch.OpenCollection{Collection: d.collection, Title: "The field"}); err != nil {
				t.Fatal(err)
			}
			f(d, publish(t))
		})
	}
}

func (d desk) subscribe(form, address string) string {
	d.Helper()
	id, from := node.NewID(), d.from
	from.URL = address
	if err := d.Do(d.Context(), d.contact, dispatch.Subscribe{Feed: id, Collection: d.collection, Form: form, Hours: 6, From: from}); err != nil {
		d.Fatal(err)
	}
	return id
}

// fetch moves to when the feed is due, has the node's jobs run and gives what
// came of it.
func (d desk) fetch(id string) (dispatch.Feed, dispatch.Fetch) {
	d.Helper()
	f, _, err := d.Feed(d.Context(), d.contact, id)
	if err != nil {
		d.Fatal(err)
	}
	before := len(f.Fetches)
	if wait := f.Due.Sub(d.Now()); wait > 0 {
		d.clock.Move(wait)
	}
	d.clock.Move(5 * time.Minute)
	d.Runner().Drain(d.Context())
	if f, _, err = d.Feed(d.Context(), d.contact, id); err != nil || len(f.Fetches) != before+1 {
		d.Fatalf("%d fetches after %d: %v", len(f.Fetches), before, err)
	}
	return f, f.Fetches[0]
}

// A file is fetched when it is due, comes in with its provenance and what is held
// aside, is not fetched again while it is the same, and is left alone longer and
// longer while its publisher fails.
func TestAFileOnASchedule(t *testing.T) {
	both(t, func(d desk, p *publisher) {
		body := bundle(identity(1, "Halden Signals"), strings.Replace(identity(2, "x"), `"created":"2026-01-01T00:00:00.000Z",`, "", 1))
		conditional := 0
		p.answer = func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("ETag", `"1"`)
			if r.Header.Get("If-None-Match") == `"1"` {
				conditional++
				w.WriteHeader(http.StatusNotModified)
				return
			}
			fmt.Fprint(w, body)
		}
		id := d.subscribe(dispatch.FeedFile, p.URL+"/lab.json")
		_, got := d.fetch(id)
		if got.Why != nil || got.Got.Objects != 2 || got.Got.Accepted != 1 || got.Got.Held != 1 || len(got.Got.Imports) != 1 {
			d.Fatalf("%+v", got)
		}
		m, err := d.Import(d.Context(), d.contact, got.Got.Imports[0], -1)
		if err != nil || m.Way != dispatch.ByFeed || m.From.Source != "A laboratory" || m.From.Licence != "CC-BY-4.0" || m.From.Admiralty != "B2" || m.From.Name != "lab.json" || len(m.Aside) != 1 {
			d.Errorf("%+v, %v", m, err)
		}
		if _, got = d.fetch(id); got.Why != nil || got.Got.Objects != 0 || conditional != 1 {
			d.Errorf("unchanged: %+v, asked with its tag %d times", got, conditional)
		}

		// Failures are told, and the feed is left alone twice as long after each.
		p.answer = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }
		var f dispatch.Feed
		for n, wait := range []time.Duration{15 * time.Minute, 30 * time.Minute, time.Hour} {
			f, got = d.fetch(id)
			if got.Why == nil || !strings.Contains(got.Why.Value, "has trouble of its own (answer 503)") || f.Failures != n+1 || f.Due.Sub(got.At) != wait {
				d.Errorf("failure %d: %+v, due after %s", n+1, got, f.Due.Sub(got.At))
			}
		}
		var duties []store.Duty
		if err := d.Store().View(d.Context(), func(t *store.Tx) (err error) {
			duties, err = t.Duties(d.contact, "2099-01-01", 10)
			return err
		}); err != nil || len(duties) != 1 || duties[0].Href != "/exchange/feeds/"+id {
			d.Errorf("the point of contact has %+v, %v", duties, err)
		}

		// What a server gives instead of a feed is a failure, and keeps nothing.
		for what, answer := range map[string]func(w http.ResponseWriter, r *http.Request){
			"a page":  func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<!doctype html><p>We have moved") },
			"nothing": func(http.ResponseWriter, *http.Request) {},
			"half": func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", "9999")
				fmt.Fprint(w, `{"type"`)
			},
			"inside": func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "http://169.254.169.254/latest/meta-data/", http.StatusFound)
			},
			"endless": func(w http.ResponseWriter, r *http.Request) {
				block := []byte(strings.Repeat(" ", 1<<20))
				for r.Context().Err() == nil {
					if _, err := w.Write(block); err != nil {
						return
					}
				}
			},
		} {
			p.answer = answer
			if f, got = d.fetch(id); got.Why == nil || len(got.Got.Imports) != 0 {
				d.Errorf("%s: %+v", what, got)
			}
		}
		if f.Due.Sub(got.At) > 24*time.Hour {
			d.Errorf("left alone for %s", f.Due.Sub(got.At))
		}
		body = bundle(identity(1, "Halden Signals"), identity(3, "Veden Optics"))
		p.answer = func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) }
		if f, got = d.fetch(id); got.Why != nil || got.Got.Accepted != 1 || got.Got.Had != 1 || f.Failures != 0 {
			d.Errorf("%+v", got)
		}
		asked := len(p.asked)
		if err := d.Do(d.Context(), d.contact, node.FetchFeed{Feed: id}); err != nil {
			d.Fatal(err)
		}
		d.Runner().Drain(d.Context())
		if len(p.asked) != asked+1 {
			d.Error("it was not fetched at once")
		}
		if err := d.Do(d.Context(), d.contact, dispatch.StopFeed{Feed: id}); err != nil {
			d.Fatal(err)
		}
		d.clock.Move(48 * time.Hour)
		d.Runner().Drain(d.Context())
		if len(p.asked) != asked+1 {
			d.Error("a stopped feed was fetched")
		}
	})
}

// Who may, from where, into what, and how much.
func TestWhoMaySubscribe(t *testing.T) {
	both(t, func(d desk, p *publisher) {
		good := dispatch.Subscribe{Collection: d.collection, Form: dispatch.FeedFile, Hours: 6, From: d.from}
		good.From.URL = "https://feeds.example/a.json"
		for what, c := range map[string]struct {
			change func(*dispatch.Subscribe)
			field  string
		}{
			"no source":          {func(s *dispatch.Subscribe) { s.From.Source = "" }, "source"},
			"no licence":         {func(s *dispatch.Subscribe) { s.From.Licence = "" }, "licence"},
			"no grade":           {func(s *dispatch.Subscribe) { s.From.Admiralty = "" }, "admiralty"},
			"no address":         {func(s *dispatch.Subscribe) { s.From.URL = "" }, "url"},
			"not encrypted":      {func(s *dispatch.Subscribe) { s.From.URL = "http://feeds.example/a.json" }, "url"},
			"a file":             {func(s *dispatch.Subscribe) { s.From.URL = "file:///etc/passwd" }, "url"},
			"inside":             {func(s *dispatch.Subscribe) { s.From.URL = "https://169.254.169.254/" }, "url"},
			"inside in disguise": {func(s *dispatch.Subscribe) { s.From.URL = "https://[::ffff:127.0.0.1]/" }, "url"},
			"a password":         {func(s *dispatch.Subscribe) { s.From.URL = "https://a:b@feeds.example/" }, "url"},
			"no form":            {func(s *dispatch.Subscribe) { s.Form = "rss" }, "form"},
			"always":             {func(s *dispatch.Subscribe) { s.Hours = 0 }, "hours"},
			"never":              {func(s *dispatch.Subscribe) { s.Hours = 10_000 }, "hours"},
			"everything":         {func(s *dispatch.Subscribe) { s.Quota = 1 << 40 }, "quota"},
			"no collection":      {func(s *dispatch.Subscribe) { s.Collection = node.NewID() }, "collection"},
		} {
			s := good
			s.Feed = node.NewID()
			c.change(&s)
			err := d.Do(d.Context(), d.contact, s)
			if f, ok := err.(*fault.Error); !ok || len(f.Fields) == 0 || f.Fields[0].Name != c.field {
				d.Errorf("%s: %v", what, err)
			}
		}
		good.Feed = node.NewID()
		for _, act := range []any{good, dispatch.StopFeed{Feed: "x"}, node.FetchFeed{Feed: "x"}, dispatch.FeedCame{Feed: "x"}} {
			if err := d.Do(d.Context(), d.officer, act); !fault.Is(err, fault.Denied) && !fault.Is(err, fault.NotFound) {
				d.Errorf("an officer may %T: %v", act, err)
			}
		}
		if err := d.Do(d.Context(), d.contact, dispatch.FeedCame{Feed: "x"}); !fault.Is(err, fault.Denied) && !fault.Is(err, fault.NotFound) {
			d.Errorf("a person may say what came: %v", err)
		}

		// More than its bound is not taken in half.
		p.answer = func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, bundle(identity(1, "a"), identity(2, "b")))
		}
		good.Quota, good.From.URL = 1, p.URL+"/a.json"
		if err := d.Do(d.Context(), d.contact, good); err != nil {
			d.Fatal(err)
		}
		if _, got := d.fetch(good.Feed); got.Why == nil || !strings.Contains(got.Why.Value, "holds 2 objects") || len(got.Got.Imports) != 0 {
			d.Errorf("%+v", got)
		}
	})
}

// A collection of TAXII is read page by page, goes on from the last object that
// came, and after a page that failed nothing is missing.
func TestACollectionOfTAXII(t *testing.T) {
	both(t, func(d desk, p *publisher) {
		broken := true
		p.answer = func(w http.ResponseWriter, r *http.Request) {
			q := r.URL.Query()
			w.Header().Set("Content-Type", "application/taxii+json;version=2.1")
			stamp := func(at string) {
				w.Header().Set("X-TAXII-Date-Added-First", at)
				w.Header().Set("X-TAXII-Date-Added-Last", at)
			}
			switch after := q.Get("added_after"); {
			case q.Get("next") == "2" && broken:
				w.WriteHeader(http.StatusBadGateway)
			case q.Get("next") == "2":
				stamp("2026-11-01T00:00:02.000000Z")
				fmt.Fprintf(w, `{"objects":[%s]}`, identity(2, "b"))
			case after >= "2026-11-01T00:00:02":
				fmt.Fprint(w, `{}`)
			default:
				stamp("2026-11-01T00:00:01.000000Z")
				fmt.Fprintf(w, `{"more":true,"next":"2","objects":[%s]}`, identity(1, "a"))
			}
		}
		id := d.subscribe(dispatch.FeedTAXII, p.URL+"/api/collections/1/")
		_, got := d.fetch(id)
		if got.Why == nil || got.Got.Accepted != 1 || !strings.Contains(got.Why.Value, "502") {
			d.Errorf("the page that failed: %+v", got)
		}
		broken = false
		f, got := d.fetch(id)
		if got.Why != nil || got.Got.Had != 1 || got.Got.Accepted != 1 || f.Cursor.After != "2026-11-01T00:00:02.000Z" {
			d.Errorf("after it: %+v, %+v", got, f.Cursor)
		}
		if _, got = d.fetch(id); got.Why != nil || got.Got.Objects != 0 {
			d.Errorf("nothing new: %+v", got)
		}
		if last := p.asked[len(p.asked)-1]; !strings.Contains(last, "added_after=2026-11-01T00%3A00%3A02") {
			d.Errorf("asked %s", last)
		}
	})
}

// A feed of MISP gives the events that changed, each as an import; one that can't
// be read is told and keeps no other away; a list that names what is no event is
// refused.
func TestAFeedOfMISP(t *testing.T) {
	both(t, func(d desk, p *publisher) {
		name := func(n int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", n) }
		manifest := fmt.Sprintf(`{%q:{"timestamp":"100"},%q:{"timestamp":101},%q:{"timestamp":"102"}}`, name(1), name(2), name(3))
		event := func(n int) string {
			return fmt.Sprintf(`{"Event":{"uuid":%q,"info":"Event %d","date":"2026-11-01","timestamp":"100","Orgc":{"name":"Lab","uuid":"00000000-0000-4000-8000-00000000aaaa"},"Attribute":[{"uuid":"00000000-0000-4000-8000-0000000bb%03d","type":"domain","category":"Network activity","value":"n%d.example","timestamp":"100","to_ids":true}]}}`, name(n), n, n, n)
		}
		p.answer = func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/feed/manifest.json":
				fmt.Fprint(w, manifest)
			case "/feed/" + name(2) + ".json":
				fmt.Fprint(w, "{")
			case "/feed/" + name(1) + ".json":
				fmt.Fprint(w, event(1))
			case "/feed/" + name(3) + ".json":
				fmt.Fprint(w, event(3))
			default:
				w.WriteHeader(http.StatusNotFound)
			}
		}
		id := d.subscribe(dispatch.FeedMISP, p.URL+"/feed/")
		_, got := d.fetch(id)
		if got.Why == nil || !strings.Contains(got.Why.Value, name(2)) || len(got.Got.Imports) != 2 || got.Got.Accepted == 0 {
			d.Errorf("%+v", got)
		}
		asked := len(p.asked)
		if _, got = d.fetch(id); got.Why != nil || len(got.Got.Imports) != 0 || len(p.asked) != asked+1 {
			d.Errorf("nothing new: %+v, asked %v", got, p.asked[asked:])
		}
		manifest = `{"../../secret":{"timestamp":"200"}}`
		if _, got = d.fetch(id); got.Why == nil || !strings.Contains(got.Why.Value, "is no event") {
			d.Errorf("%+v", got)
		}
	})
}

// A publisher that gives its answer drop by drop holds nothing up for ever: the
// fetch ends with its context, and nothing is said of the publisher.
func TestASlowPublisher(t *testing.T) {
	both(t, func(d desk, p *publisher) {
		begun := make(chan struct{})
		p.answer = func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write([]byte("{"))
			w.(http.Flusher).Flush()
			close(begun)
			<-r.Context().Done()
		}
		id := d.subscribe(dispatch.FeedFile, p.URL+"/slow.json")
		ctx, stop := context.WithCancel(d.Context())
		go func() { <-begun; stop() }()
		if _, err := d.ReadFeed(ctx, id); err == nil {
			d.Error("it came to an end")
		}
		if f, _, err := d.Feed(d.Context(), d.contact, id); err != nil || len(f.Fetches) != 0 {
			d.Errorf("%+v, %v", f.Fetches, err)
		}
	})
}
