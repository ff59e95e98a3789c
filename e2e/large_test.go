package e2e

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/comity-project/comity/content"
	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/demo"
	"github.com/comity-project/comity/internal/demo/volume"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/store/pgtest"
	"github.com/comity-project/comity/internal/web"
	"github.com/comity-project/comity/internal/web/door"
)

var (
	largeCases = flag.Int("cases", 20_000, "cases of the large benchmark")
	largeReads = flag.Int("reads", 0, "requests for each page; 0 means 2,000, or 200 of a state of less than 100,000 cases")
	largeDir   = flag.String("dir", "", "folder of a state that the large benchmark makes or goes on with, and keeps; of PostgreSQL's with -dsn, documents and keys")
	largePages = flag.Bool("pages", false, "only the pages: the ledger is not verified")
	largeDSN   = flag.String("dsn", "", "PostgreSQL database of that state; without it one is made and dropped")
)

const (
	largeRequests  = 2000 // for each page
	largeClients   = 2
	maxStatements  = 10                    // for a page, its session included
	wantedPage     = 50 * time.Millisecond // p95
	wantedFirst    = 500 * time.Millisecond
	largeGenerator = 1
)

// BenchmarkLarge makes a state of many cases by real commands and reads its
// pages over loopback HTTP, signed in, warm: first and middle page of every work
// list, and pages of cases. It reports times; it fails where a page takes more
// statements than ten.
func BenchmarkLarge(b *testing.B) {
	for _, engine := range []store.Engine{store.SQLite, store.Postgres} {
		b.Run(string(engine), func(b *testing.B) {
			for b.Loop() {
				largeOn(b, engine)
			}
		})
	}
}

func largeOn(b *testing.B, engine store.Engine) {
	ctx := context.Background()
	cfg := nodetest.Config(b, engine, nil)
	cfg.State, cfg.States, cfg.Title = "XN", demo.States, demo.Authority
	if engine == store.Postgres {
		if cfg.DSN = *largeDSN; cfg.DSN == "" {
			cfg.DSN = pgtest.DurableDSN(b)
		}
	}
	if *largeDir != "" && (engine == store.SQLite || *largeDSN != "") {
		cfg.Dir, cfg.Keys = filepath.Join(*largeDir, "data"), filepath.Join(*largeDir, "keys")
	}
	if _, err := os.Stat(cfg.Keys); errors.Is(err, fs.ErrNotExist) {
		if err := node.Init(ctx, cfg); err != nil {
			b.Fatal(err)
		}
	}
	app, err := node.Open(ctx, cfg)
	if err != nil {
		b.Fatal(err)
	}
	m, err := volume.Make(ctx, app, volume.Options{Cases: *largeCases, Seed: largeGenerator, Password: demo.Password})
	if err != nil {
		b.Fatal(err)
	}
	fmt.Printf("%s: %d cases besides %d, %.1f events, %.1f lines and %.1f parties a case in %s: %.0f cases/s, %.0f events/s\n", engine, m.Cases, m.Before,
		float64(m.Events)/float64(m.Cases), float64(m.Lines)/float64(m.Cases), float64(m.Parties)/float64(m.Cases), m.Took.Round(time.Second),
		float64(m.Cases)/m.Took.Seconds(), float64(m.Events)/m.Took.Seconds())
	b.ReportMetric(float64(m.Cases)/m.Took.Seconds(), "cases/s")
	for _, refold := range []bool{false, true} {
		if !*largePages {
			verifyLarge(b, app, refold)
		}
	}
	if err := app.Close(); err != nil {
		b.Fatal(err)
	}

	// From the start of the node to its first page, with the engines loading
	// beside.
	began := time.Now()
	if app, err = node.Open(ctx, cfg); err != nil {
		b.Fatal(err)
	}
	defer app.Close()
	statements := &counter{}
	server := httptest.NewServer(statements.count(site(b, app)))
	defer server.Close()
	visitor := newReader(b, server.URL)
	visitor.get(b, "/sign-in")
	first := time.Since(began)
	b.ReportMetric(float64(first.Milliseconds()), "first-page-ms")
	fmt.Printf("%s: start to first sign-in page %s%s\n", engine, first.Round(time.Millisecond), over(first, wantedFirst))
	if _, err := app.Engines(ctx); err != nil {
		b.Fatal(err)
	}
	worst := time.Duration(0)
	for _, sign := range []string{"liv", "carl"} {
		v := newReader(b, server.URL)
		v.signIn(b, sign)
		for _, page := range v.pages(b, app, sign, *largeCases) {
			p95, n := measure(b, statements, v, page.urls)
			worst = max(worst, p95)
			fmt.Printf("%s: %-5s %-28s p95 %8s  %2d statements%s\n", engine, sign, page.name, p95.Round(10*time.Microsecond), n, over(p95, wantedPage))
			if n > maxStatements {
				b.Errorf("%s: %s takes %d statements, more than %d", engine, page.name, n, maxStatements)
			}
		}
	}
	signed := map[string]*reader{}
	for _, page := range officePages(b, app) {
		if signed[page.sign] == nil {
			signed[page.sign] = newReader(b, server.URL)
			signed[page.sign].signIn(b, page.sign)
		}
		p95, n := measure(b, statements, signed[page.sign], []string{page.path})
		worst = max(worst, p95)
		fmt.Printf("%s: %-10s %-28s p95 %8s  %2d statements%s\n", engine, page.sign, page.name, p95.Round(10*time.Microsecond), n, over(p95, wantedPage))
		if n > maxStatements {
			b.Errorf("%s: %s takes %d statements, more than %d", engine, page.name, n, maxStatements)
		}
	}
	b.ReportMetric(float64(worst.Microseconds())/1000, "worst-p95-ms")
	runtime.GC()
	fmt.Printf("%s: resident at the end %s, of these %s of mapped files\n", engine, memory("VmRSS"), memory("RssFile"))
}

// verifyLarge checks the ledger and tells how long it took and how much memory.
func verifyLarge(b *testing.B, app *node.App, refold bool) {
	b.Helper()
	debug.FreeOSMemory()
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) // VmHWM begins anew
	before, used, began := memory("RssAnon"), nodetest.ProcessorTime(b), time.Now()
	v, err := app.Verify(context.Background(), refold, nil)
	if err != nil {
		b.Fatal(err)
	}
	took := time.Since(began)
	used = nodetest.ProcessorTime(b) - used
	fmt.Printf("%s: verified %d events, refold %v, in %s: %.0f a second, %.0f a second of processor time; memory %s before, %s after, resident with the mapped file at most %s\n", app.Store().Engine(), v.Entries,
		refold, took.Round(time.Second), float64(v.Entries)/took.Seconds(), float64(v.Entries)/used.Seconds(), before, memory("RssAnon"), memory("VmHWM"))
}

func over(d, wanted time.Duration) string {
	if d > wanted {
		return fmt.Sprintf("  (over %s)", wanted)
	}
	return ""
}

func site(b testing.TB, app *node.App) http.Handler {
	b.Helper()
	cat, err := lang.Load(content.FS)
	if err != nil {
		b.Fatal(err)
	}
	d := door.New(app)
	d.Node, d.States = demo.Authority, demo.States
	h, err := web.Site(d, web.Options{Catalogue: cat, Zone: time.UTC})
	if err != nil {
		b.Fatal(err)
	}
	return h
}

// counter counts the statements of requests.
type counter struct {
	running sync.WaitGroup // requests: an answer is there a little before its request ends
	mu      sync.Mutex
	most    int // of a request, since it was last taken
}

func (c *counter) count(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.running.Add(1)
		defer c.running.Done()
		n := 0
		next.ServeHTTP(w, r.WithContext(store.CountStatements(r.Context(), &n)))
		c.mu.Lock()
		c.most = max(c.most, n)
		c.mu.Unlock()
	})
}

// take gives the most statements of the requests that were answered.
func (c *counter) take() int {
	c.running.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.most
	c.most = 0
	return n
}

// reader is somebody who reads pages.
type reader struct {
	client *http.Client
	base   string
}

func newReader(b testing.TB, base string) *reader {
	b.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		b.Fatal(err)
	}
	return &reader{&http.Client{Jar: jar}, base}
}

func (v *reader) get(b testing.TB, path string) string {
	b.Helper()
	r, err := v.client.Get(v.base + path)
	if err != nil {
		b.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(io.LimitReader(r.Body, 16<<20))
	if err != nil || r.StatusCode != http.StatusOK {
		b.Fatalf("%s: %s %v", path, r.Status, err)
	}
	return string(body)
}

func (v *reader) signIn(b testing.TB, sign string) {
	b.Helper()
	req, err := http.NewRequest(http.MethodPost, v.base+"/sign-in", strings.NewReader(url.Values{"name": {sign}, "password": {demo.Password}}.Encode()))
	if err != nil {
		b.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	r, err := v.client.Do(req)
	if err != nil {
		b.Fatal(err)
	}
	_ = r.Body.Close()
	if r.StatusCode != http.StatusOK || strings.HasSuffix(r.Request.URL.Path, "/sign-in") {
		b.Fatalf("%s could not sign in: %s at %s", sign, r.Status, r.Request.URL)
	}
}

// largePage is a page, or several of one kind that are read in turn.
type largePage struct {
	name string
	urls []string
}

var caseLink = regexp.MustCompile(`href="(/cases/[0-9a-f-]{36})"`)

// pages are first and middle page of every work list, a search, and cases.
func (v *reader) pages(b testing.TB, app *node.App, sign string, all int) (out []largePage) {
	b.Helper()
	ctx := context.Background()
	who, _, err := app.ActorNamed(ctx, sign)
	if err != nil {
		b.Fatal(err)
	}
	turns := map[string][]string{"carl": {"coordinator"}}[sign]
	for _, list := range []store.CaseList{store.MyTurn, store.MyCases, store.OpenList, store.WaitingList, store.ClosedList, store.AllCases} {
		path := "/work?list=" + string(list)
		if list == store.AllCases {
			path = "/cases?"
		}
		out = append(out, largePage{string(list) + ", first page", []string{path}})
		err := app.Store().View(ctx, func(t *store.Tx) error {
			q := store.Cases{Scope: access.ScopeOf(who, access.CaseRead), List: list, Me: who.Account, Turns: turns, Limit: 200}
			for range all / 400 { // about half way through all
				rows, err := t.ListCases(q)
				if err != nil {
					return err
				}
				if len(rows) < q.Limit {
					break
				}
				q.At = rows[len(rows)-1].Place()
			}
			if q.At.ID != "" {
				out = append(out, largePage{string(list) + ", middle page", []string{fmt.Sprintf("%s&after=%d.%s", path, q.At.At, q.At.ID)}})
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	out = append(out, largePage{"all, by words", []string{"/cases?q=thermal+camera"}})
	cases := largePage{name: "case page"}
	for _, m := range caseLink.FindAllStringSubmatch(v.get(b, "/cases")+v.get(b, "/work?list=open"), -1) {
		if !slices.Contains(cases.urls, m[1]) {
			cases.urls = append(cases.urls, m[1])
		}
	}
	if len(cases.urls) == 0 {
		b.Fatal("the list of cases links to none")
	}
	out = append(out, cases)
	for _, tab := range []string{"items", "parties", "assessment", "assurances", "advice", "documents", "decision", "history"} {
		page := largePage{name: "case page, " + tab}
		for _, u := range cases.urls {
			page.urls = append(page.urls, u+"/"+tab)
		}
		out = append(out, page)
	}
	return out
}

// measure reads a page many times with two clients and gives the time under
// which 95 of 100 stayed, and the most statements that one took.
func measure(b testing.TB, statements *counter, v *reader, urls []string) (time.Duration, int) {
	b.Helper()
	n := *largeReads
	switch {
	case n > 0:
	case *largeCases < 100_000:
		n = largeRequests / 10 // a small run is a test of this benchmark
	default:
		n = largeRequests
	}
	for _, u := range urls {
		v.get(b, u)
	}
	statements.take()
	times := make([]time.Duration, n)
	var wg sync.WaitGroup
	for c := range largeClients {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := c; i < n; i += largeClients {
				began := time.Now()
				r, err := v.client.Get(v.base + urls[i%len(urls)])
				if err != nil {
					b.Error(err)
					return
				}
				_, _ = io.Copy(io.Discard, r.Body)
				_ = r.Body.Close()
				times[i] = time.Since(began)
			}
		}()
	}
	wg.Wait()
	slices.Sort(times)
	return times[len(times)*95/100], statements.take()
}

// memory is a figure of this process, clients included, as the system tells it;
// "?" where it does not.
func memory(figure string) string {
	raw, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return "?"
	}
	for _, line := range strings.Split(string(raw), "\n") {
		var kilobytes int64
		if name, value, _ := strings.Cut(line, ":"); name == figure {
			if _, err := fmt.Sscanf(value, "%d", &kilobytes); err == nil {
				return fmt.Sprintf("%d MB", kilobytes>>10)
			}
		}
	}
	return "?"
}
