package taxii

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Options is what a server needs beside its library.
type Options struct {
	// Address is how the server is reached from outside, without a path:
	// https://node.example.
	Address     string
	Title       string
	Description string
	Contact     string
	// Who says who makes a request, or false: a certificate or a token of a named
	// account. Everyone is someone; there is no anonymous reading.
	Who func(*http.Request) (account string, ok bool)
	// Now is the clock.
	Now func() time.Time
	// Log gets what went wrong inside, under the id that the caller is told.
	Log *slog.Logger
	// PageSize is the most objects on a page; 1,000 where zero.
	PageSize int
	// MaxBytes bounds what a request may hold; 32 MiB where zero.
	MaxBytes int64
}

// Server serves a library under /taxii2/ and /<root>/.
type Server struct {
	library Library
	Options
}

// NewServer makes a server.
func NewServer(l Library, o Options) *Server {
	if o.PageSize <= 0 {
		o.PageSize = 1000
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = 32 << 20
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Server{l, o}
}

// request is one request on its way.
type request struct {
	*Server
	w    http.ResponseWriter
	r    *http.Request
	who  string
	root string
}

// ServeHTTP answers a request. Every path ends in a slash, as the standard
// writes it.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := &request{Server: s, w: w, r: r}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	who, ok := s.Who(r)
	if !ok {
		w.Header().Set("WWW-Authenticate", `Bearer realm="taxii"`)
		w.Header().Add("WWW-Authenticate", `Basic realm="taxii"`)
		q.fail(http.StatusUnauthorized, "Sign in", "Send the token or the certificate of your account.")
		return
	}
	q.who = who
	if !accepts(r.Header.Values("Accept")) {
		q.fail(http.StatusNotAcceptable, "Only TAXII 2.1 is spoken here", "Send Accept: "+MediaType)
		return
	}
	path := strings.Split(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if last := path[len(path)-1]; last != "" && !slices.Contains(path, "") {
		// Every address ends in a slash; who forgot it is shown the way.
		to := url.URL{Path: r.URL.Path + "/", RawQuery: r.URL.RawQuery}
		w.Header().Set("Location", to.String())
		q.fail(http.StatusPermanentRedirect, "The address ends in a slash", "")
		return
	} else if last != "" || len(path) < 2 {
		q.fail(http.StatusNotFound, "Not found", "")
		return
	}
	q.route(path[:len(path)-1])
}

// route finds the resource that a path names.
func (q *request) route(path []string) {
	q.root = path[0]
	reading := map[string]func(){http.MethodGet: nil}
	switch {
	case len(path) == 1 && path[0] == "taxii2":
		reading[http.MethodGet] = q.discovery
	case len(path) == 1:
		reading[http.MethodGet] = q.apiRoot
	case len(path) == 3 && path[1] == "status":
		reading[http.MethodGet] = func() { q.status(path[2]) }
	case path[1] != "collections":
		reading = nil
	case len(path) == 2:
		reading[http.MethodGet] = q.collections
	case len(path) == 3:
		reading[http.MethodGet] = func() { q.collection(path[2]) }
	case len(path) == 4 && path[3] == "manifest":
		reading[http.MethodGet] = func() { q.manifest(path[2]) }
	case len(path) == 4 && path[3] == "objects":
		reading[http.MethodGet] = func() { q.objects(path[2], "") }
		reading[http.MethodPost] = func() { q.add(path[2]) }
	case len(path) == 5 && path[3] == "objects":
		reading[http.MethodGet] = func() { q.objects(path[2], path[4]) }
		reading[http.MethodDelete] = func() { q.remove(path[2], path[4]) }
	case len(path) == 6 && path[3] == "objects" && path[5] == "versions":
		reading[http.MethodGet] = func() { q.versions(path[2], path[4]) }
	default:
		reading = nil
	}
	if reading == nil {
		q.fail(http.StatusNotFound, "Not found", "")
		return
	}
	method := q.r.Method
	if method == http.MethodHead {
		method = http.MethodGet // net/http leaves the body out
	}
	answer, ok := reading[method]
	if !ok {
		var allowed []string
		for m := range reading {
			allowed = append(allowed, m)
		}
		slices.Sort(allowed)
		q.w.Header().Set("Allow", strings.Join(allowed, ", "))
		q.fail(http.StatusMethodNotAllowed, "Not a method of this resource", "")
		return
	}
	answer()
}

func (q *request) discovery() {
	roots, err := q.library.Roots(q.r.Context(), q.who)
	if err != nil {
		q.broke(err)
		return
	}
	d := Discovery{Title: q.Title, Description: q.Description, Contact: q.Contact}
	for _, r := range roots {
		d.Roots = append(d.Roots, q.Address+"/"+url.PathEscape(r)+"/")
	}
	if len(d.Roots) > 0 {
		d.Default = d.Roots[0]
	}
	q.send(http.StatusOK, d)
}

func (q *request) apiRoot() {
	r, err := q.library.Root(q.r.Context(), q.who, q.root)
	if err != nil {
		q.broke(err)
		return
	}
	r.Versions, r.MaxContentLength = []string{MediaType}, q.MaxBytes
	q.send(http.StatusOK, r)
}

func (q *request) status(id string) {
	s, err := q.library.Status(q.r.Context(), q.who, q.root, id)
	if err != nil {
		q.broke(err)
		return
	}
	q.send(http.StatusOK, s)
}

func (q *request) collections() {
	all, err := q.library.Collections(q.r.Context(), q.who, q.root)
	if err != nil {
		q.broke(err)
		return
	}
	for i := range all {
		all[i].MediaTypes = []string{ObjectType}
	}
	q.send(http.StatusOK, struct {
		Collections []Collection `json:"collections,omitempty"`
	}{all})
}

// find gives a collection by id or alias.
func (q *request) find(name string) (Collection, bool) {
	all, err := q.library.Collections(q.r.Context(), q.who, q.root)
	if err != nil {
		q.broke(err)
		return Collection{}, false
	}
	i := slices.IndexFunc(all, func(c Collection) bool { return strings.EqualFold(c.ID, name) })
	if i < 0 {
		i = slices.IndexFunc(all, func(c Collection) bool { return c.Alias != "" && c.Alias == name })
	}
	if i < 0 {
		q.broke(ErrNotFound)
		return Collection{}, false
	}
	all[i].MediaTypes = []string{ObjectType}
	return all[i], true
}

func (q *request) collection(name string) {
	if c, ok := q.find(name); ok {
		q.send(http.StatusOK, c)
	}
}

// broke answers an error of the library.
func (q *request) broke(err error) {
	var refuse Refuse
	switch {
	case errors.Is(err, ErrNotFound):
		q.fail(http.StatusNotFound, "Not found", "")
	case errors.As(err, &refuse):
		q.fail(http.StatusForbidden, "Refused", refuse.Error())
	default:
		id := uuid.NewString()
		q.Log.Error("taxii", "error_id", id, "path", q.r.URL.Path, "error", err)
		q.problem(Problem{Title: "Something went wrong inside", ErrorID: id, HTTPStatus: strconv.Itoa(http.StatusInternalServerError)})
	}
}

func (q *request) fail(status int, title, description string) {
	if status == http.StatusBadRequest || status == http.StatusUnprocessableEntity {
		title, description = "ProcessingError", title+": "+description // the title that medallion's clients look for
	}
	q.problem(Problem{Title: title, Description: description, HTTPStatus: strconv.Itoa(status)})
}

func (q *request) problem(p Problem) {
	status, err := strconv.Atoi(p.HTTPStatus)
	if err != nil {
		status = http.StatusInternalServerError
	}
	q.send(status, p)
}

func (q *request) send(status int, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		q.Log.Error("taxii", "error", err)
		status, b = http.StatusInternalServerError, []byte(`{"title":"Something went wrong inside","http_status":"500"}`)
	}
	q.sendBytes(status, b)
}

func (q *request) sendBytes(status int, b []byte) {
	q.w.Header().Set("Content-Type", MediaType)
	q.w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	q.w.WriteHeader(status)
	if _, err := q.w.Write(b); err != nil {
		q.Log.Debug("taxii: the caller went away", "error", err)
	}
}
