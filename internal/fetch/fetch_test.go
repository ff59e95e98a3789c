package fetch

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/comity-project/comity/content"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/lists/sources"
	"github.com/comity-project/comity/repotest"
	"github.com/comity-project/comity/screening/listfile"
)

func get(t *testing.T, h http.HandlerFunc, r sources.Request) (sources.Fetched, error) {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	r.URL = s.URL + r.URL
	return New("comity-test").Get(context.Background(), r)
}

func wantFault(t *testing.T, err error, code fault.Code, key string) {
	t.Helper()
	var f *fault.Error
	if !errors.As(err, &f) || f.Code != code || f.Key != key {
		t.Errorf("got %v, want %s %s", err, code, key)
	}
}

func TestGet(t *testing.T) {
	got, err := get(t, func(w http.ResponseWriter, r *http.Request) {
		if r.UserAgent() != "comity-test" {
			t.Errorf("agent %q", r.UserAgent())
		}
		w.Header().Set("ETag", `"7"`)
		w.Header().Set("Content-Type", "text/csv; charset=utf-8")
		_, _ = w.Write([]byte("a,b\n"))
	}, sources.Request{URL: "/x"})
	if err != nil || string(got.Body) != "a,b\n" || got.ETag != `"7"` || got.Type != "text/csv" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestNotModified(t *testing.T) {
	got, err := get(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("If-None-Match") != `"7"` {
			t.Error("the tag was not sent")
		}
		w.WriteHeader(http.StatusNotModified)
	}, sources.Request{ETag: `"7"`})
	if err != nil || !got.NotModified || got.ETag != `"7"` {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestAnswersWithoutAFile(t *testing.T) {
	for status, want := range map[int]struct {
		code fault.Code
		key  string
	}{
		404: {fault.Invalid, "fetch.moved"}, 410: {fault.Invalid, "fetch.moved"}, 304: {fault.Invalid, "fetch.moved"},
		401: {fault.Invalid, "fetch.refused"}, 403: {fault.Invalid, "fetch.refused"},
		429: {fault.Unavailable, "fetch.too_often"}, 500: {fault.Unavailable, "fetch.status"}, 503: {fault.Unavailable, "fetch.status"},
	} {
		_, err := get(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }, sources.Request{})
		wantFault(t, err, want.code, want.key)
	}
	_, err := get(t, func(http.ResponseWriter, *http.Request) {}, sources.Request{})
	wantFault(t, err, fault.Unavailable, "fetch.empty")
}

func TestBounds(t *testing.T) {
	long := bytes.Repeat([]byte("a"), 5000)
	_, err := get(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(long) }, sources.Request{Limit: 4999})
	wantFault(t, err, fault.TooLarge, "fetch.too_large")
	_, err = get(t, func(w http.ResponseWriter, _ *http.Request) {
		for range 10 {
			_, _ = w.Write(long)
			w.(http.Flusher).Flush()
		}
	}, sources.Request{Limit: 9999})
	wantFault(t, err, fault.TooLarge, "fetch.too_large")
	// A bomb: 50 MB in 50 kB of packed transfer.
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	for range 50 {
		_, _ = z.Write(make([]byte, 1<<20))
	}
	z.Close()
	_, err = get(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(packed.Bytes())
	}, sources.Request{Limit: 1 << 20})
	wantFault(t, err, fault.TooLarge, "fetch.too_large")
	if got, err := get(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(long) }, sources.Request{Limit: 5000}); err != nil || len(got.Body) != 5000 {
		t.Errorf("at the limit: %d bytes, %v", len(got.Body), err)
	}
}

func TestUnreachable(t *testing.T) {
	c := New("comity-test")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	_, err = c.Get(context.Background(), sources.Request{URL: "http://" + l.Addr().String()})
	wantFault(t, err, fault.Unavailable, "fetch.offline")
	for _, bad := range []string{"", "file:///etc/passwd", "https://", "::"} {
		_, err = c.Get(context.Background(), sources.Request{URL: bad})
		wantFault(t, err, fault.Invalid, "fetch.address")
	}
	stopped, stop := context.WithCancel(context.Background())
	stop()
	_, err = c.Get(stopped, sources.Request{URL: "http://127.0.0.1:1"})
	wantFault(t, err, fault.Unavailable, "fetch.stopped")

	wait := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-wait:
		case <-r.Context().Done():
		}
	}))
	defer slow.Close()
	defer close(wait)
	c.whole = 20 * time.Millisecond
	_, err = c.Get(context.Background(), sources.Request{URL: slow.URL})
	wantFault(t, err, fault.Unavailable, "fetch.slow")
}

func TestTrustAndRedirects(t *testing.T) {
	untrusted := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer untrusted.Close()
	_, err := New("comity-test").Get(context.Background(), sources.Request{URL: untrusted.URL})
	wantFault(t, err, fault.Unavailable, "fetch.certificate")

	_, err = get(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path+"x", http.StatusFound) }, sources.Request{URL: "/a"})
	wantFault(t, err, fault.Unavailable, "fetch.redirects")
	got, err := get(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/a" {
			http.Redirect(w, r, "/b", http.StatusMovedPermanently)
			return
		}
		_, _ = w.Write([]byte("there"))
	}, sources.Request{URL: "/a"})
	if err != nil || string(got.Body) != "there" {
		t.Errorf("%q, %v", got.Body, err)
	}
}

// TestUpdateFromALocalServer walks an update: the plan of the shipped sources,
// each file fetched from a server that has the real ones, and read.
func TestUpdateFromALocalServer(t *testing.T) {
	root := repotest.Data(t, "lists")
	files := map[string]string{
		"consolidated.json": "us/consolidated-screening-list_2026-07-31.json", "consolidated.xml": "un/consolidated_2026-02-27.xml",
		"SDN.CSV": "us/sdn_2024-05-03.csv", "ALT.CSV": "us/alt_2025-12-24.csv", "ADD.CSV": "us/add_2025-12-24.csv",
		"SDN_COMMENTS.CSV": "us/sdn_comments_2025-12-24.csv",
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := files[filepath.Base(r.URL.Path)]
		w.Header().Set("ETag", `"`+name+`"`)
		http.ServeFile(w, r, filepath.Join(root, name))
	}))
	defer server.Close()
	raw, err := content.FS.ReadFile("sources.yaml")
	if err != nil {
		t.Fatal(err)
	}
	all, err := sources.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	steps, err := sources.Plan(all, nil)
	if err != nil {
		t.Fatal(err)
	}
	client, entities := New("comity-test"), map[string]int{}
	for _, step := range steps {
		if step.Skip != "" {
			continue
		}
		var in []listfile.File
		for _, f := range step.Source.Files {
			r := sources.Request{URL: server.URL + "/" + filepath.Base(f.URL), Limit: step.Source.Limit()}
			got, err := client.Get(context.Background(), r)
			if err != nil {
				t.Fatal(err)
			}
			r.ETag = got.ETag
			if again, err := client.Get(context.Background(), r); err != nil || !again.NotModified {
				t.Errorf("%s again: %+v, %v", f.Name, again, err)
			}
			in = append(in, listfile.File{Name: f.Name, Reader: bytes.NewReader(got.Body)})
		}
		res, err := listfile.Read(listfile.Format(step.Source.Format), listfile.Limits{Bytes: step.Source.Limit()}, in...)
		if err != nil {
			t.Fatalf("%s: %v", step.Source.ID, err)
		}
		entities[step.Source.ID] = res.Counts.Entities
	}
	if entities["us-csl"] != 25921 || entities["ofac-sdn"] != 14965 || entities["un-sc"] != 1003 {
		t.Errorf("%v", entities)
	}
	// The same list at an address that gives a page instead: a clear word.
	page, err := get(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("<!doctype html><p>We have moved"))
	}, sources.Request{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := listfile.Read(listfile.UN, listfile.DefaultLimits, listfile.File{Name: "consolidated.xml", Reader: bytes.NewReader(page.Body)}); err == nil || !strings.Contains(err.Error(), "web page") {
		t.Errorf("%v", err)
	}
}
