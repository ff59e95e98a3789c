package taxii_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/taxii"
)

func client(t testing.TB, h http.Handler) (*taxii.Client, string) {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return &taxii.Client{HTTP: server.Client(), Sign: func(r *http.Request) { r.SetBasicAuth("lab", "x") }}, server.URL
}

// What taxii2-client does, from discovery to deletion, against our server.
func TestClientAndServer(t *testing.T) { everywhere(t, testClientAndServer) }

func testClientAndServer(t *testing.T, s *served) {
	c, address := client(t, s)
	ctx := context.Background()
	if d, err := c.Discover(ctx, address+"/taxii2/"); err != nil || d.Default == "" {
		t.Fatal(d, err)
	}
	root := address + "/field"
	if r, err := c.Root(ctx, root); err != nil || r.Versions[0] != taxii.MediaType {
		t.Fatal(r, err)
	}
	all, err := c.Collections(ctx, root)
	if err != nil || len(all) != 3 {
		t.Fatal(all, err)
	}
	collection := taxii.CollectionURL(root, all[0].ID)
	var batch [][]byte
	for i := 1; i <= 25; i++ {
		batch = append(batch, []byte(indicator(i, 1)))
	}
	st, err := c.Add(ctx, collection, batch)
	if err != nil || st.SuccessCount != 25 {
		t.Fatal(st, err)
	}
	if again, err := c.Status(ctx, root, st.ID); err != nil || again.SuccessCount != 25 {
		t.Fatal(again, err)
	}
	var got []string
	pages := 0
	for page, err := range c.Objects(ctx, collection, taxii.Filter{Types: []string{"indicator"}}, 10) {
		if err != nil {
			t.Fatal(err)
		}
		pages++
		for _, o := range page.Objects {
			got = append(got, string(o.Raw))
		}
		if !page.Last.Equal(s.now()) {
			t.Error(page.Last)
		}
	}
	if pages != 3 || len(got) != 25 || got[24] != s.shown(indicator(25, 1)) {
		t.Errorf("%d pages, %d objects", pages, len(got))
	}
	if items, more, err := c.Manifest(ctx, collection, taxii.Filter{IDs: []string{idOf(3)}, All: true}); err != nil || len(items) != 1 || more {
		t.Error(items, err)
	}
	if v, err := c.Versions(ctx, collection, idOf(3)); err != nil || len(v) != 1 {
		t.Error(v, err)
	}
	if err := c.Delete(ctx, collection, idOf(3), taxii.Filter{Exact: []time.Time{time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}}); err != nil {
		t.Error(err)
	}
	var problem *taxii.Problem
	if _, err := c.Versions(ctx, collection, idOf(3)); !errors.As(err, &problem) || problem.HTTPStatus != "404" {
		t.Error(err)
	}
	for page, err := range c.Objects(ctx, collection, taxii.Filter{After: s.now()}, 0) {
		if err != nil || len(page.Objects) != 0 {
			t.Error(page, err)
		}
	}
}

// reply answers each request with the next of the given bodies.
func reply(t testing.TB, bodies ...string) (*taxii.Client, string) {
	n := 0
	return client(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", taxii.MediaType)
		w.Header().Set("X-TAXII-Date-Added-First", fmt.Sprintf("2026-01-01T00:00:%02d.000Z", n))
		w.Header().Set("X-TAXII-Date-Added-Last", fmt.Sprintf("2026-01-01T00:00:%02d.500Z", n))
		fmt.Fprint(w, bodies[min(n, len(bodies)-1)])
		n++
	}))
}

func read(c *taxii.Client, address string) (objects int, err error) {
	for page, err := range c.Objects(context.Background(), address, taxii.Filter{}, 0) {
		if err != nil {
			return objects, err
		}
		if objects += len(page.Objects); objects > 100 {
			return objects, errors.New("it does not end")
		}
	}
	return objects, nil
}

// Servers whose pages lead nowhere: the client says so and keeps what it got.
func TestPagesThatLeadNowhere(t *testing.T) {
	one := func(n int, rest string) string {
		return `{"more":true,` + rest + `"objects":[` + indicator(n, 1) + `]}`
	}
	for name, c := range map[string]struct {
		bodies []string
		want   int
		err    error
	}{
		"one page":                    {[]string{`{"objects":[` + indicator(1, 1) + `]}`}, 1, nil},
		"nothing":                     {[]string{`{}`}, 0, nil},
		"the same next for ever":      {[]string{one(1, `"next":"a",`)}, 2, taxii.ErrPaging},
		"no next, times that move on": {[]string{one(1, ""), one(2, ""), `{"more":false}`}, 2, nil},
		"no next after a next":        {[]string{one(1, `"next":"a",`), one(2, "")}, 2, taxii.ErrPaging},
		"more of nothing":             {[]string{`{"more":true}`}, 0, taxii.ErrPaging},
	} {
		client, address := reply(t, c.bodies...)
		if n, err := read(client, address); n != c.want || !errors.Is(err, c.err) {
			t.Errorf("%s: %d, %v", name, n, err)
		}
	}
	// All of one time and no next: cti-taxii2 50.
	stuck, address := client(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", taxii.MediaType)
		w.Header().Set("X-TAXII-Date-Added-First", "2026-01-01T00:00:00Z")
		w.Header().Set("X-TAXII-Date-Added-Last", "2026-01-01T00:00:00Z")
		fmt.Fprint(w, `{"more":true,"objects":[`+indicator(1, 1)+`,`+indicator(2, 1)+`]}`)
	}))
	if n, err := read(stuck, address); n != 2 || !errors.Is(err, taxii.ErrPaging) {
		t.Error(n, err)
	}
}

func TestClientRefuses(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"a web page": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") },
		"half an answer": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", taxii.MediaType)
			fmt.Fprint(w, `{"objects":[`)
		},
		"too much": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", taxii.MediaType)
			fmt.Fprint(w, strings.Repeat(" ", 2000))
		},
		"a list": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", taxii.MediaType)
			fmt.Fprint(w, `[]`)
		},
		"an error page": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(502); fmt.Fprint(w, "bad gateway") },
		"a name twice": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", taxii.MediaType)
			fmt.Fprint(w, `{"more":false,"more":true}`)
		},
	} {
		c, address := client(t, h)
		c.MaxBytes = 1000
		if _, err := read(c, address); err == nil {
			t.Error(name)
		}
	}
	c, address := client(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(http.StatusTooManyRequests)
		_ = json.NewEncoder(w).Encode(taxii.Problem{Title: "Slower", HTTPStatus: "429"})
	}))
	var wait *taxii.Wait
	var problem *taxii.Problem
	if _, err := read(c, address); !errors.As(err, &wait) || wait.After != 7*time.Second || !errors.As(err, &problem) || problem.Title != "Slower" {
		t.Error(err)
	}
}

// Pages of 1,000 over HTTP from a library in memory: what the protocol costs.
func BenchmarkPages(b *testing.B) {
	for _, size := range []int{1_000, 100_000} {
		b.Run(fmt.Sprintf("objects=%d", size), func(b *testing.B) {
			l := newLibrary()
			for i := range size {
				l.records[shelf] = append(l.records[shelf], taxii.Record{Seq: int64(i + 1), ID: idOf(i), Version: l.now, Added: l.now, First: true, Last: true, Raw: []byte(indicator(i, 1))})
			}
			h := taxii.NewServer(l, taxii.Options{Who: func(*http.Request) (string, bool) { return "lab", true }, Now: time.Now})
			next := ""
			for b.Loop() {
				w := httptest.NewRecorder()
				path := objects
				if next != "" {
					path += "?next=" + next
				}
				h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
				head, _, _ := strings.Cut(w.Body.String()[:60], ",\"objects\"")
				_, next, _ = strings.Cut(head, `"next":"`)
				next = strings.TrimSuffix(next, `"`)
			}
			b.ReportMetric(float64(b.N)*1000/b.Elapsed().Seconds(), "objects/s")
		})
	}
}
