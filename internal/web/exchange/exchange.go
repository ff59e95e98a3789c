// Package exchange is the door to what states say to each other: what came in,
// what we write, check and issue, what was taken back and who answered.
package exchange

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/dispatch"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

type pages struct{ *door.Door }

// pageSize is how many rows a page shows at once.
const pageSize = 50

// Routes adds the pages.
func Routes(mux *http.ServeMux, d *door.Door) {
	p := pages{d}
	page := func(pattern string, f http.HandlerFunc) {
		mux.Handle(pattern, d.Require(p.readers(f), access.Roles()...))
	}
	page("GET /exchange", p.inbox)
	page("POST /exchange/nothing", p.nothing)
	page("GET /exchange/out", p.outbox)
	page("GET /exchange/recalls", p.recalls)
	page("GET /exchange/new/{kind}", p.newPaper)
	page("POST /exchange/new/{kind}", p.writePaper)
	page("GET /exchange/papers/{id}", p.paper)
	page("GET /exchange/papers/{id}/{act}", p.paperForm)
	page("POST /exchange/papers/{id}/{act}", p.changePaper)
	page("GET /exchange/statements/{leaf}", p.statement)
	page("POST /exchange/statements/{leaf}/save", p.save)
	page("POST /exchange/statements/{leaf}/{act}", p.answer)
	page("GET /exchange/graph", p.graph)
	collectionRoutes(p, page)
	feedRoutes(p, page)
}

// readers lets in who may read what states say; the node asks again.
func (p pages) readers(next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !can(r, access.ExchangeRead) {
			p.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
			return
		}
		next(w, r)
	})
}

func can(r *http.Request, act access.Act) bool {
	return access.Can(door.Actor(r.Context()), act, access.Thing{})
}

func (p pages) frame(w http.ResponseWriter, r *http.Request, title string, crumbs ...ui.Link) ui.Frame {
	f := p.Frame(w, r, ui.Authority, title)
	f.Nav, f.Current = door.Nav(door.Actor(r.Context())), "exchange"
	if len(crumbs) > 0 {
		f.Crumbs = append(crumbs, ui.Link{Text: title})
	}
	return f
}

func (p pages) home(r *http.Request) ui.Link {
	return ui.Link{Text: door.T(r, "exchange.title"), Href: "/exchange"}
}

func (p pages) today() deadline.Date { return deadline.DateOf(p.App.Now(), time.UTC) }

// inboxView is what came in.
type inboxView struct {
	node.Inbox
	Write, Issue bool
	Next         string
	Duties       []store.Duty
	Today        string
}

func (p pages) inbox(w http.ResponseWriter, r *http.Request) {
	actor := door.Actor(r.Context())
	before, _ := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64)
	in, err := p.App.Inbox(r.Context(), actor, before, pageSize)
	v := inboxView{Inbox: in, Write: can(r, access.ExchangeWrite), Issue: can(r, access.ExchangeIssue), Today: string(p.today())}
	if err == nil {
		err = p.App.Store().View(r.Context(), func(t *store.Tx) (err error) {
			v.Duties, err = t.Duties(actor, v.Today, pageSize)
			return err
		})
	}
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	if in.Next > 0 {
		v.Next = "/exchange?before=" + strconv.FormatInt(in.Next, 10)
	}
	ui.Render(w, r, http.StatusOK, inboxPage(p.frame(w, r, door.T(r, "exchange.title")), v))
}

func (p pages) nothing(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	if err := p.App.Do(r.Context(), door.Actor(r.Context()), dispatch.ReportNothing{}); err != nil {
		p.Fail(w, r, err)
		return
	}
	ui.SetFlash(w, r, ui.Flash{Key: "exchange.nothing.done"})
	ui.SeeOther(w, r, "/exchange")
}

// outboxView is what we write.
type outboxView struct {
	Rows         []store.PaperRow
	Next         string
	Write, Issue bool
}

func (p pages) outbox(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	at, _ := strconv.ParseInt(q.Get("at"), 10, 64)
	rows, more, err := p.App.Papers(r.Context(), door.Actor(r.Context()), at, q.Get("after"), pageSize)
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	v := outboxView{Rows: rows, Write: can(r, access.ExchangeWrite)}
	if more {
		last := rows[len(rows)-1]
		v.Next = "/exchange/out?" + url.Values{"at": {strconv.FormatInt(last.Changed.UnixMicro(), 10)}, "after": {last.ID}}.Encode()
	}
	ui.Render(w, r, http.StatusOK, outboxPage(p.frame(w, r, door.T(r, "exchange.out.title"), p.home(r)), v))
}

func (p pages) recalls(w http.ResponseWriter, r *http.Request) {
	open, err := p.App.OpenRecalls(r.Context(), door.Actor(r.Context()))
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	ui.Render(w, r, http.StatusOK, recallsPage(p.frame(w, r, door.T(r, "exchange.recalls.title"), p.home(r)), open))
}

// saidView is one statement of another state.
type saidView struct {
	node.SaidPage
	Title        string
	Write, Issue bool
	Keeps        bool // incidents
	Today        deadline.Date
	Self         string
	Handled      dispatch.Handling // as its own words say: purposes, origin
	Consent      string
	Reader       access.Actor
	Form         ui.Form
}

func (p pages) statement(w http.ResponseWriter, r *http.Request) {
	p.drawStatement(w, r, http.StatusOK, ui.FormOf())
}

func (p pages) drawStatement(w http.ResponseWriter, r *http.Request, status int, form ui.Form) {
	s, err := p.App.Statement(r.Context(), door.Actor(r.Context()), r.PathValue("leaf"))
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	v := saidView{SaidPage: s, Title: s.Content.Title, Write: can(r, access.ExchangeWrite), Issue: can(r, access.ExchangeIssue), Keeps: can(r, access.IncidentKeep), Today: p.today(), Self: p.App.Config().State, Reader: door.Actor(r.Context()), Form: form}
	if s.Version != nil {
		v.Handled, v.Consent = dispatch.ReadHandling(s.Version.Object)
	}
	if v.Title == "" {
		v.Title = titleOf(r.Context(), node.SaidRow{Envelope: s.Envelope, Reply: s.Content.Reply, Shut: s.Shut})
	}
	frame := p.frame(w, r, v.Title, p.home(r))
	frame.Form = &v.Form
	ui.Render(w, r, status, statementPage(frame, v))
}

// answer says a word on a statement, or that a case it touches was looked at.
func (p pages) answer(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	leaf, form := r.PathValue("leaf"), r.PostForm
	var cmd any
	done := "exchange.word.done"
	switch r.PathValue("act") {
	case "word":
		cmd = node.Reply{Paper: form.Get("once"), Leaf: leaf, Word: form.Get("word")}
	case "considered":
		cmd = considers(leaf, form)
	case "used":
		cmd, done = dispatch.NoteUse{Leaf: leaf, What: form.Get("what"), Ref: strings.TrimSpace(form.Get("ref")), Why: form.Get("why")}, "exchange.use.done"
	default:
		p.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
		return
	}
	if err := p.App.Do(r.Context(), door.Actor(r.Context()), cmd, node.Once(form.Get("once"))); err != nil {
		p.Again(w, r, atCase(err, form), func(status int, f ui.Form) { p.drawStatement(w, r, status, f) })
		return
	}
	ui.SetFlash(w, r, ui.Flash{Key: done})
	ui.SeeOther(w, r, "/exchange/statements/"+url.PathEscape(leaf))
}

// considers reads what somebody says of a case that a statement or an import may
// touch. Each case has inputs of its own.
func considers(leaf string, form url.Values) dispatch.ConsiderAlert {
	id := form.Get("case")
	return dispatch.ConsiderAlert{Leaf: leaf, Case: id, Finding: form.Get("finding." + id), Why: form.Get("why." + id)}
}

// atCase points a refusal to the inputs of the case that was meant.
func atCase(err error, form url.Values) error {
	id := form.Get("case")
	if id == "" {
		return err
	}
	return door.Renamed(door.Renamed(err, "finding", "finding."+id), "why", "why."+id)
}

// seen are the options of a command given by a form.
func seen(form url.Values, thing event.Stream) ([]node.Option, error) {
	once := form.Get("once")
	version, err := strconv.ParseInt(form.Get("seen"), 10, 64)
	if err != nil || once == "" || len(once) > 64 {
		return nil, fault.New(fault.Invalid, "fault.bad_request")
	}
	return []node.Option{node.Expect(thing, version), node.Once(once)}, nil
}
