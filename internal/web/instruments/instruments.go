// Package instruments is the door to a state's own tools under the Code of
// Conduct: the register of laws, lists and procedures, the self-assessment of
// what they reach, and the page on which anybody compares what states published.
package instruments

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/instruments"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

type pages struct{ *door.Door }

// Routes adds the pages.
func Routes(mux *http.ServeMux, d *door.Door) {
	p := pages{d}
	page := func(pattern string, f http.HandlerFunc) {
		mux.Handle(pattern, d.Require(p.readers(f), access.Roles()...))
	}
	page("GET /instruments", p.register)
	page("GET /instruments/new", p.newInstrument)
	page("POST /instruments/new", p.enter)
	page("GET /instruments/{id}", p.instrument)
	page("GET /instruments/{id}/{act}", p.instrumentForm)
	page("POST /instruments/{id}/{act}", p.changeInstrument)

	page("GET /self-assessment", p.matrix)
	page("GET /self-assessment/export.csv", p.exportCSV)
	page("GET /self-assessment/export.html", p.exportHTML)
	page("GET /self-assessment/{element}", p.element)
	page("GET /self-assessment/{element}/{act}", p.elementForm)
	page("POST /self-assessment/{element}/{act}", p.changeElement)

	mux.HandleFunc("GET /tools", p.compare)
	mux.HandleFunc("GET /tools.json", p.published)
	page("GET /tools/import", p.importForm)
	page("POST /tools/import", p.takeSheet)
}

// readers lets in who may read the register; the node asks again.
func (p pages) readers(next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !access.Can(door.Actor(r.Context()), access.InstrumentRead, access.Thing{}) {
			p.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
			return
		}
		next(w, r)
	})
}

func keeps(r *http.Request) bool {
	return access.Can(door.Actor(r.Context()), access.InstrumentKeep, access.Thing{})
}

func (p pages) frame(w http.ResponseWriter, r *http.Request, title string, crumbs ...ui.Link) ui.Frame {
	f := p.Frame(w, r, ui.Authority, title)
	f.Nav, f.Current = door.Nav(door.Actor(r.Context())), "policy"
	if len(crumbs) > 0 {
		f.Crumbs = append(crumbs, ui.Link{Text: title})
	}
	return f
}

// tools reads the register as at the end of the day that the address names, now
// where it names none.
func (p pages) tools(r *http.Request) (*node.Tools, error) {
	at := p.App.Now()
	bad := fault.New(fault.Invalid, "instruments.invalid")
	if t, ok := ui.ParseDate(r.URL.Query(), "as_at", bad); ok && !t.IsZero() {
		if end := t.AddDate(0, 0, 1).Add(-time.Microsecond); end.Before(at) {
			at = end
		}
	}
	return p.App.Tools(r.Context(), door.Actor(r.Context()), at)
}

// asAt is the part of an address that keeps the day; "" for today.
func asAt(r *http.Request) string {
	q := url.Values{}
	for _, part := range []string{"day", "month", "year"} {
		if v := r.URL.Query().Get("as_at." + part); v != "" {
			q.Set("as_at."+part, v)
		}
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

// view is what every page here begins with.
type view struct {
	*node.Tools
	Today   string
	May     bool // the reader keeps the register
	Reader  access.Actor
	AsAt    string // "?as_at..." for links, "" today
	Version int64  // of the thing that a form changes
}

func (p pages) view(w http.ResponseWriter, r *http.Request) (v view, ok bool) {
	f, err := p.tools(r)
	if err != nil {
		p.Fail(w, r, err)
		return v, false
	}
	return view{Tools: f, Today: string(p.today()), May: keeps(r), Reader: door.Actor(r.Context()), AsAt: asAt(r)}, true
}

// past tells whether the page is of a day that is over.
func (v view) past() bool { return string(v.Day) < v.Today }

// name is a person's name by account.
func (v view) name(account string) string {
	if n := v.Names[account]; n != "" {
		return n
	}
	return account
}

// one finds an instrument, in force or not; nil where there is none.
func (v view) one(id string) *instruments.Instrument {
	n := slices.IndexFunc(v.All, func(i *instruments.Instrument) bool { return i.ID == id })
	if n < 0 {
		return nil
	}
	return v.All[n]
}

// called is an instrument's name as on the day of the page; all together where
// there is none.
func (v view) called(ctx context.Context, id string) string {
	i := v.one(id)
	if i == nil {
		return ui.T(ctx, "instruments.together")
	}
	if on := i.On(v.Day); on != nil {
		return on.Words.Title
	}
	return i.Latest().Words.Title
}

func (p pages) today() deadline.Date { return deadline.DateOf(p.App.Now(), time.UTC) }

// version reads which version of a stream a form changes.
func (p pages) version(r *http.Request, s event.Stream, into event.State) (version int64, err error) {
	err = p.App.Store().View(r.Context(), func(t *store.Tx) error {
		version, err = t.Load(s, into)
		return err
	})
	return version, fault.Wrap(err, "instruments: version")
}

// seen are the options of a command given by a form: over the version of a thing
// that the person saw, and once.
func seen(form url.Values, thing event.Stream) ([]node.Option, error) {
	once := form.Get("once")
	version, err := strconv.ParseInt(form.Get("seen"), 10, 64)
	if err != nil || once == "" || len(once) > 64 {
		return nil, fault.New(fault.Invalid, "fault.bad_request")
	}
	return []node.Option{node.Expect(thing, version), node.Once(once)}, nil
}

// dayText writes a calendar day in the reader's words; none is a dash.
func dayText(ctx context.Context, day deadline.Date) string {
	if day == "" {
		return "–"
	}
	return ui.P(ctx).DayOf(string(day))
}

// owners are the people who can be made responsible, as options.
func (p pages) owners(r *http.Request) (out []ui.Option, err error) {
	var rows []store.AccountRow
	err = p.App.Store().View(r.Context(), func(t *store.Tx) (err error) {
		rows, err = t.Officers(access.RolesThat(access.InstrumentRead)...)
		return err
	})
	for _, a := range rows {
		out = append(out, ui.Option{Value: a.ID, Text: a.Display})
	}
	return out, fault.Wrap(err, "instruments: owners")
}
