package ui

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/lang"
)

// policy is the content security policy of every page: our own files and
// nothing else; no inline style or script, no eval, no frames, no plug-ins.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// SecurityHeaders sets what every answer of a door carries. Pages are not kept
// by caches between: they show what one person may see.
func SecurityHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), interest-cohort=()")
		if r.TLS != nil {
			h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
		}
		if h.Get("Cache-Control") == "" {
			h.Set("Cache-Control", "no-store")
		}
		next.ServeHTTP(w, r)
	})
}

// FrameOwn lets one page show documents of ours in frames. The document's own
// headers say what may happen in it.
func FrameOwn(w http.ResponseWriter) {
	w.Header().Set("Content-Security-Policy", policy+"; frame-src 'self'")
}

// SameOrigin refuses what another site sent in a person's name. fail draws the
// page that says so. Origins in trusted, "https://node.example", are let in.
func SameOrigin(next http.Handler, fail func(http.ResponseWriter, *http.Request, error), trusted ...string) (http.Handler, error) {
	guard := http.NewCrossOriginProtection()
	for _, origin := range trusted {
		if err := guard.AddTrustedOrigin(origin); err != nil {
			return nil, err
		}
	}
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fail(w, r, fault.New(fault.Denied, "fault.cross_origin"))
	}))
	return guard.Handler(next), nil
}

// LimitBody bounds what a request may carry, in bytes. Handlers that take files
// set a larger bound of their own with http.MaxBytesReader before they read.
func LimitBody(next http.Handler, limit int64) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, limit)
		next.ServeHTTP(w, r)
	})
}

// ReadForm parses a form and says as a fault what is wrong with it: too large,
// or not to be read at all. memory is how much of the files stays in memory.
func ReadForm(r *http.Request, memory int64) error {
	// ParseMultipartForm alone forgets what ParseForm complained about.
	err := r.ParseForm()
	if err == nil {
		if err = r.ParseMultipartForm(memory); errors.Is(err, http.ErrNotMultipart) {
			err = nil
		}
	}
	if err == nil {
		return nil
	}
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return fault.New(fault.TooLarge, "fault.too_large", "limit", large.Limit).Because(err)
	}
	return fault.New(fault.Invalid, "fault.bad_request").Because(err)
}

// Localise puts a printer into each request's context: the language from the
// cookie "lang", else from the browser's wishes; times in the node's zone. demo
// names user-assigned country codes, nil for none.
func Localise(next http.Handler, cat *lang.Catalogue, zone *time.Location, demo map[string]string) http.Handler {
	printers := map[string]lang.Printer{}
	for _, code := range cat.Codes() {
		printers[code] = cat.Printer(code, zone).WithStates(demo)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var wishes []string
		if c, err := r.Cookie("lang"); err == nil && len(c.Value) < 36 {
			wishes = append(wishes, c.Value)
		}
		if accept := r.Header.Get("Accept-Language"); len(accept) < 1024 {
			wishes = append(wishes, accept)
		}
		w.Header().Add("Vary", "Accept-Language, Cookie")
		p := printers[cat.Match(wishes...)]
		next.ServeHTTP(w, r.WithContext(lang.With(r.Context(), p)))
	})
}

// Partial tells whether a script asked for a part of the page. Handlers may
// answer with the whole page all the same; htmx takes the part it wants.
func Partial(r *http.Request) bool { return r.Header.Get("HX-Request") == "true" }

// Render draws a page and sends it with a status. It is drawn whole before the
// first byte leaves, so that a failure in the middle is not half a page.
func Render(w http.ResponseWriter, r *http.Request, status int, page templ.Component) {
	var b bytes.Buffer
	if err := page.Render(r.Context(), &b); err != nil {
		if r.Context().Err() == nil {
			slog.ErrorContext(r.Context(), "page could not be drawn", "path", r.URL.Path, "err", err)
		}
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(b.Len()))
	if h.Get("Content-Language") == "" {
		h.Set("Content-Language", lang.From(r.Context()).Lang())
	}
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(b.Bytes())
	}
}

// RenderFault draws the page for an error in the given frame, with its status,
// and logs what is our mistake. Titles are the keys "ui.failure.<code>".
func RenderFault(w http.ResponseWriter, r *http.Request, frame Frame, err error) {
	p := lang.From(r.Context())
	problem := lang.Fault(p, err)
	if problem.Code == fault.Internal {
		slog.ErrorContext(r.Context(), "request failed", "method", r.Method, "path", r.URL.Path, "err", err)
	}
	f := Failing{Title: p.T("ui.failure." + string(problem.Code)), Message: problem.Message}
	for _, i := range problem.Items {
		f.Items = append(f.Items, Link{Text: i.Message, Href: i.Where})
	}
	frame.Title = f.Title
	Render(w, r, problem.Status, Failure(frame, f))
}

// SeeOther ends a POST: the browser goes on by GET, so that a reload sends
// nothing twice. Partial requests are told where to go by header.
func SeeOther(w http.ResponseWriter, r *http.Request, to string) {
	if Partial(r) {
		w.Header().Set("HX-Redirect", to)
		w.WriteHeader(http.StatusNoContent)
		return
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// Flash is what the last act did, told once on the next page. It travels in a
// cookie, so it holds a message key and short plain values, never a secret or a
// person's name.
type Flash struct {
	Tone Tone              `json:"t,omitempty"`
	Key  string            `json:"k"`
	Args map[string]string `json:"a,omitempty"`
}

func (f *Flash) text(ctx context.Context) string {
	values := make(map[string]any, len(f.Args))
	for k, v := range f.Args {
		values[k] = v
	}
	return lang.From(ctx).Text(f.Key, values)
}

// flashMax bounds the cookie, in bytes.
const flashMax = 1024

func flashName(r *http.Request) string {
	if r.TLS != nil {
		return "__Host-flash"
	}
	return "flash"
}

// SetFlash keeps a message for the next page.
func SetFlash(w http.ResponseWriter, r *http.Request, f Flash) {
	raw, err := json.Marshal(f)
	if err != nil || len(raw) > flashMax {
		return
	}
	http.SetCookie(w, &http.Cookie{
		Name: flashName(r), Value: base64.RawURLEncoding.EncodeToString(raw), Path: "/", MaxAge: 60,
		HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteLaxMode,
	})
}

// TakeFlash gives the message kept, nil for none, and forgets it. Call it
// before the page is rendered.
func TakeFlash(w http.ResponseWriter, r *http.Request) *Flash {
	c, err := r.Cookie(flashName(r))
	if err != nil || len(c.Value) > 2*flashMax {
		return nil
	}
	http.SetCookie(w, &http.Cookie{
		Name: flashName(r), Path: "/", MaxAge: -1,
		HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteLaxMode,
	})
	raw, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err != nil {
		return nil
	}
	var f Flash
	if json.Unmarshal(raw, &f) != nil || f.Key == "" || len(f.Key) > 100 {
		return nil
	}
	return &f
}
