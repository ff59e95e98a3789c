package uitest

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Answer is what a handler said, with its page when it is one.
type Answer struct {
	*Doc
	Code    int
	Header  http.Header
	Body    string
	Cookies []*http.Cookie
	t       testing.TB
}

// Ask sends a request to a handler as a browser on the same site would, with
// the cookies given.
func Ask(t testing.TB, h http.Handler, r *http.Request, cookies ...*http.Cookie) *Answer {
	t.Helper()
	for _, c := range cookies {
		r.AddCookie(c)
	}
	if r.Header.Get("Sec-Fetch-Site") == "" {
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	res := w.Result()
	a := &Answer{Code: res.StatusCode, Header: res.Header, Body: w.Body.String(), Cookies: res.Cookies(), t: t}
	if strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
		a.Doc = Parse(t, a.Body)
	} else {
		a.Doc = Parse(t, "")
	}
	return a
}

// Get asks for a page.
func Get(t testing.TB, h http.Handler, path string, cookies ...*http.Cookie) *Answer {
	t.Helper()
	return Ask(t, h, httptest.NewRequest(http.MethodGet, path, nil), cookies...)
}

// Post sends a form, in the simple encoding.
func Post(t testing.TB, h http.Handler, f Form, cookies ...*http.Cookie) *Answer {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, f.Action, strings.NewReader(f.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return Ask(t, h, r, cookies...)
}

// Status fails unless the answer has that status.
func (a *Answer) Status(code int) *Answer {
	a.t.Helper()
	if a.Code != code {
		a.t.Fatalf("status %d, want %d: %s", a.Code, code, a.short())
	}
	return a
}

// short is the beginning of what the main part says, for reports.
func (a *Answer) short() string {
	text := Text(a.root)
	if main := a.All("main"); len(main) == 1 {
		text = Text(main[0])
	}
	if r := []rune(text); len(r) > 400 {
		return string(r[:400]) + "…"
	}
	return text
}

// Redirects fails unless the answer sends the browser there, by GET.
func (a *Answer) Redirects(to string) *Answer {
	a.t.Helper()
	if a.Code != http.StatusSeeOther || a.Header.Get("Location") != to {
		a.t.Fatalf("status %d to %q, want 303 to %q: %s", a.Code, a.Header.Get("Location"), to, a.short())
	}
	return a
}
