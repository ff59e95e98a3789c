package gallery

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/comity-project/comity/content"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/web/ui"
	"github.com/comity-project/comity/internal/web/ui/uitest"
)

func handler(t *testing.T) http.Handler {
	t.Helper()
	cat, err := lang.Load(content.FS)
	if err != nil {
		t.Fatal(err)
	}
	h, err := Handler(cat)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if missing := cat.Missing(); len(missing) > 0 {
			t.Errorf("keys without sentences were asked for: %v", missing)
		}
	})
	return h
}

func TestPagesAreSound(t *testing.T) {
	h := handler(t)
	for _, path := range []string{"/parts", "/case", "/list", "/form", "/done"} {
		uitest.Get(t, h, path).Status(200).Sound()
	}
	uitest.Get(t, h, "/nowhere").Status(404).Sound().HasText("h1", "Not found")
	uitest.Get(t, h, "/form").NothingChosen("kind", "services", "country", "value.currency")
}

func TestFindingSaysItsOutcomeInWords(t *testing.T) {
	page := uitest.Get(t, handler(t), "/case")
	if got := page.Texts(".finding .sign"); strings.Join(got, ",") != "Met,Unknown,Met,Not met" {
		t.Errorf("signs %q", got)
	}
	page.Count(".finding .question", 1)
	page.Count(".names mark", 6).HasText(".names bdi[lang=ru]", "МВД")
	if got := page.Link("One match on the end user waits for a person's answer"); got != "#m1" {
		t.Errorf("the blocker leads to %q", got)
	}
	page.HasText("figure desc", "no value for 2022").HasText("figure table td", "no value")
	page.HasText("time", "22 November 2026, 08:14")
	title, _ := uitest.Attr(page.All("ol.tl time")[0], "title")
	if title != "2026-11-22 08:14:00 UTC" {
		t.Errorf("title %q", title)
	}
}

func TestRefusedFormComesBack(t *testing.T) {
	h := handler(t)
	f := uitest.Get(t, h, "/form").Form("/form")
	f.Set("name", `Икс "<script>`)
	f.Set("country", "XA")
	f.Set("needed.day", "31")
	f.Set("needed.month", "2")
	f.Set("needed.year", "2027")
	f.Set("use", "\n\n  two lines\nkept ")
	f.Add("services", "training")
	page := uitest.Post(t, h, f).Status(422).Sound()
	page.HasText(".govuk-error-summary a[href=#f-kind]", "Not answered")
	page.HasText(".govuk-error-summary a[href=#f-needed-day]", "no such day")
	page.HasText("title", "Error:")
	again := page.Form("/form")
	if want := f.Values; again.Encode() != want.Encode() {
		t.Errorf("the form came back as\n%s, was\n%s", again.Encode(), want.Encode())
	}
	again.Set("kind", "company")
	again.Set("needed.day", "28")
	done := uitest.Post(t, h, again).Redirects("/parts")
	page2 := uitest.Get(t, h, "/parts", done.Cookies...)
	page2.HasText("[role=status]", "Done in time")
	if len(page2.Cookies) != 1 || page2.Cookies[0].MaxAge >= 0 {
		t.Errorf("the message is not forgotten: %v", page2.Cookies)
	}
}

func TestDoorsKeepOut(t *testing.T) {
	h := handler(t)
	r := httptest.NewRequest(http.MethodPost, "/form", strings.NewReader("name=x"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	uitest.Ask(t, h, r).Status(403).Sound().HasText("main", "another site")

	big := uitest.Form{Action: "/form", Values: url.Values{"name": {strings.Repeat("x", 70<<10)}}}
	uitest.Post(t, h, big).Status(413).Sound().HasText("main", "66 kB")

	r = httptest.NewRequest(http.MethodPost, "/form", strings.NewReader("%zz"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	uitest.Ask(t, h, r).Status(422).Sound()

	a := uitest.Get(t, h, "/parts", &http.Cookie{Name: "flash", Value: "%%%"}, &http.Cookie{Name: "lang", Value: strings.Repeat("x", 3000)})
	a.Status(200)
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Referrer-Policy": "same-origin", "Content-Language": "en",
	} {
		if got := a.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	policy := a.Header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "http") || strings.Contains(policy, "data:") {
		t.Errorf("policy %q", policy)
	}
}

func TestAssets(t *testing.T) {
	h := handler(t)
	for _, name := range []string{"app.css", "app.js", "mark.svg", "licences.txt"} {
		plain := uitest.Get(t, h, ui.Asset(name)).Status(200)
		if got := plain.Header.Get("Cache-Control"); !strings.Contains(got, "immutable") {
			t.Errorf("%s: Cache-Control %q", name, got)
		}
		r := httptest.NewRequest(http.MethodGet, ui.Asset(name), nil)
		r.Header.Set("Accept-Encoding", "br, gzip")
		packed := uitest.Ask(t, h, r).Status(200)
		z, err := gzip.NewReader(strings.NewReader(packed.Body))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(z)
		if err != nil || !bytes.Equal(body, []byte(plain.Body)) {
			t.Errorf("%s: packed and plain differ (%v)", name, err)
		}
		t.Logf("%s: %d bytes, packed %d", name, len(plain.Body), len(packed.Body))
	}
	uitest.Get(t, h, "/static/app.css").Status(404)
	uitest.Ask(t, h, httptest.NewRequest(http.MethodPost, ui.Asset("app.css"), nil)).Status(405)
}

func TestPartialRedirect(t *testing.T) {
	r := httptest.NewRequest(http.MethodPost, "/form", strings.NewReader("name=x&country=XA&kind=company"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("HX-Request", "true")
	a := uitest.Ask(t, handler(t), r).Status(204)
	if a.Header.Get("HX-Redirect") != "/parts" {
		t.Errorf("sent to %q", a.Header.Get("HX-Redirect"))
	}
}

func BenchmarkCasePage(b *testing.B) {
	cat, err := lang.Load(content.FS)
	if err != nil {
		b.Fatal(err)
	}
	h, err := Handler(cat)
	if err != nil {
		b.Fatal(err)
	}
	for _, path := range []string{"/case", "/list", "/form"} {
		b.Run(path[1:], func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				w := httptest.NewRecorder()
				h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
			}
		})
	}
}
