// Package api is the door for programs: JSON over HTTP, for customs systems and
// companies' own software. Whoever calls is a program with an account of its own,
// whose token travels as a bearer token, or a person who signed in; what access
// lets them do, they may do here.
//
// Answers that are not 200 are problem documents (RFC 9457).
package api

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/node"
)

// Door is the door for programs.
type Door struct {
	App       *node.App
	Catalogue *lang.Catalogue
	Log       *slog.Logger
	calls     *limiter
}

// Path is where the door stands; a server sends it all that begins so.
const Path = "/api/"

// Rates of one account, in parties a second; a burst is ten seconds' worth.
const (
	companyRate   = 50    // an exporter's own customers
	authorityRate = 10000 // customs systems
)

// New makes the door.
func New(app *node.App, cat *lang.Catalogue, log *slog.Logger) *Door {
	return &Door{App: app, Catalogue: cat, Log: log, calls: newLimiter()}
}

// Handler serves everything under Path. A page of another site cannot use a
// browser's session here.
func (d *Door) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/v1/screen", d.screen)
	mux.HandleFunc("POST /api/v1/screen/lines", d.screenLines)
	mux.HandleFunc("POST /api/v1/customs/messages", d.messages)
	mux.HandleFunc("GET /api/v1/customs/notices", d.notices)
	mux.HandleFunc("GET /api/v1/openapi.json", openAPI)
	mux.HandleFunc("GET /api/v1/statistics", d.statisticsIndex)
	mux.HandleFunc("GET /api/v1/statistics/{year}/{table}", d.statisticsTable)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		d.fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
	})
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.fail(w, r, fault.New(fault.Denied, "fault.denied"))
	}))
	return guard.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		mux.ServeHTTP(w, r)
	}))
}

// who gives the program or person behind a request. A cookie is a browser's.
func (d *Door) who(r *http.Request) (access.Actor, error) {
	text, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !bearer {
		for _, name := range []string{"__Host-comity", "comity"} {
			if c, err := r.Cookie(name); err == nil {
				text = c.Value
				break
			}
		}
	}
	return d.App.Calling(r.Context(), text)
}

// read reads the body of a request, strictly: what is not known is an error, so
// that a misspelt field is not a search without it.
func read(w http.ResponseWriter, r *http.Request, limit int64, into any) error {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return fault.New(fault.Invalid, "api.json_wanted")
	}
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, limit))
	dec.DisallowUnknownFields()
	err := dec.Decode(into)
	if err == nil {
		if _, err = dec.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err == nil {
			err = errors.New("more than one value")
		}
	}
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return fault.New(fault.TooLarge, "fault.too_large", "limit", limit)
	}
	return fault.New(fault.Invalid, "api.broken", "why", err.Error())
}

func send(w http.ResponseWriter, status int, kind string, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		http.Error(w, "", http.StatusInternalServerError)
		return
	}
	write(w, status, kind, append(b, '\n'))
}

// write sends a body whose length is known, so that it goes in one piece.
func write(w http.ResponseWriter, status int, kind string, body []byte) {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// problem is a problem document.
type problem struct {
	Type   string         `json:"type"` // "urn:comity:problem:invalid"
	Title  string         `json:"title"`
	Status int            `json:"status"`
	Fields []problemField `json:"fields,omitempty"`
}

type problemField struct {
	Name   string `json:"name"`
	Detail string `json:"detail"`
}

func (d *Door) fail(w http.ResponseWriter, r *http.Request, err error) {
	p := lang.Fault(d.Catalogue.Printer("en", nil), err)
	if p.Status == http.StatusInternalServerError {
		d.Log.Error("a request of a program failed", "path", r.URL.Path, "error", err)
	}
	out := problem{Type: "urn:comity:problem:" + string(p.Code), Title: p.Message, Status: p.Status}
	for _, f := range p.Fields {
		out.Fields = append(out.Fields, problemField{f.Name, f.Message})
	}
	switch p.Code {
	case fault.SignIn:
		w.Header().Set("WWW-Authenticate", `Bearer realm="comity"`)
	case fault.TooMany:
		w.Header().Set("Retry-After", "1")
	}
	send(w, p.Status, "application/problem+json", out)
}
