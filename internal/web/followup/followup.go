// Package followup is the door to what happens after goods have left: draws and
// checks of verification, incidents and what is done about all they
// touch, and enforcement files.
//
// A page is made of cards, in Go: each handler reads what it shows, gives a page
// to draw, and lists its forms as data. A form is answered by answer, which
// gives one command over the version that the person saw, and draws the page
// again with all that was typed where it is refused.
package followup

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/party"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

type pages struct{ *door.Door }

// Routes adds the pages.
func Routes(mux *http.ServeMux, d *door.Door) {
	p := pages{d}
	on := func(pattern string, act access.Act, h http.HandlerFunc) {
		mux.Handle(pattern, d.Require(h, rolesOf(act)...))
	}
	p.verificationRoutes(on)
	p.incidentRoutes(on)
	p.enforcementRoutes(on)
}

// on registers a handler for those who may do an act.
type on func(pattern string, act access.Act, h http.HandlerFunc)

// rolesOf are the roles that may do an act.
func rolesOf(act access.Act) []access.Role {
	var out []access.Role
	for _, r := range access.Roles() {
		if access.Can(access.Actor{Account: "someone", Roles: []access.Role{r}}, act, access.Thing{}) {
			out = append(out, r)
		}
	}
	return out
}

// listed is how many rows one page of a list holds.
const listed = 50

// maxUpload bounds a paper or picture, in bytes.
const maxUpload = 20 << 20

// page is what a page shows.
type page struct {
	Sub     string
	Buttons []ui.Link
	Facts   []ui.Fact
	Next    string // what comes next, in words
	Tabs    []ui.Tab
	Cards   []card
	Aside   []card
}

type card struct {
	ID, Title string
	Body      []templ.Component
}

// kind is a kind of field.
type kind int

const (
	line kind = iota
	code
	area
	date
	radios
	checks
	choose
	country
	file
	hidden
	search // text to look something up by, with the button that does
)

// field is one input of a form. Its label is the sentence
// "followup.form.ACT.NAME", its hint the same with ".hint" where Hinted.
type field struct {
	Name     string
	Kind     kind
	Hinted   bool
	Optional bool
	Width    int
	Rows     int
	Options  []ui.Option
	States   []ui.StateOption
	Label    string // instead of the sentence of its name
	Hint     string
	Fold     []field // shown on demand, under the label
}

// form is one form, as its template draws it.
type form struct {
	Act, To    string
	Fields     []field
	Form       ui.Form
	Seen, Once string
	Kind       ui.ButtonKind
	Button     string
	Before     ui.Consequences
	Files      bool
}

// sheet is a page that is being made for one reader of one thing.
type sheet struct {
	ctx    context.Context
	reader access.Actor
	base   string // address of the thing; forms go to base/ACT
	query  string // of the page, which its forms keep: "?..." or ""
	seen   int64
	once   string
	failed string         // act of the form that came back
	form   ui.Form        // and that form
	found  []*party.Entry // end users that it may choose from
}

// sheetOf begins a page; failed names the form that was refused.
func sheetOf(r *http.Request, base string, seen int64, failed string, f ui.Form) *sheet {
	return &sheet{ctx: r.Context(), reader: door.Actor(r.Context()), base: base, seen: seen, once: node.NewID(), failed: failed, form: f}
}

func (s *sheet) t(key string, args ...any) string { return ui.T(s.ctx, key, args...) }

// ask makes a card of a form. start are name, value pairs that it begins with.
func (s *sheet) ask(act string, start []string, before ui.Consequences, fields ...field) card {
	return card{act, s.t("followup.form." + act), []templ.Component{formView(s.formOf(act, start, before, fields...))}}
}

func (s *sheet) formOf(act string, start []string, before ui.Consequences, fields ...field) form {
	f := form{Act: act, To: s.base + "/" + act + s.query, Seen: strconv.FormatInt(s.seen, 10), Once: s.once + act, Button: s.t("followup.form." + act + ".button"), Before: before}
	for i := 0; i+1 < len(start); i += 2 {
		start[i] = act + "." + start[i]
	}
	f.Form = ui.FormOf(start...)
	if act == s.failed {
		f.Form = s.form
	}
	if len(before.Final) > 0 {
		f.Kind = ui.Grave
	}
	f.Fields = s.fields(act, fields)
	f.Files = slices.ContainsFunc(fields, func(x field) bool { return x.Kind == file })
	return f
}

// fields names and words the fields of a form. What is shown on demand is shown
// at once where the form came back.
func (s *sheet) fields(act string, fields []field) (out []field) {
	for _, x := range fields {
		if len(x.Fold) > 0 {
			if x.Fold = s.fields(act, x.Fold); act == s.failed {
				out = append(out, x.Fold...)
				continue
			}
			out = append(out, x)
			continue
		}
		if x.Label == "" {
			x.Label = s.t("followup.form." + act + "." + x.Name)
		}
		if x.Hinted {
			x.Hint = s.t("followup.form." + act + "." + x.Name + ".hint")
		}
		x.Name = act + "." + x.Name
		out = append(out, x)
	}
	return out
}

// gather puts neighbours that have no title, forms on demand, on one card.
func gather(list []card) (out []card) {
	for _, c := range list {
		if n := len(out); n > 0 && c.Title == "" && out[n-1].Title == "" {
			out[n-1].Body = append(slices.Clone(out[n-1].Body), c.Body...)
			continue
		}
		out = append(out, c)
	}
	return out
}

// later folds the card of a form that is not the next step, and makes its button
// the lesser one. A form that came back stays open.
func (s *sheet) later(fold bool, act string, start []string, fields ...field) card {
	f, title := s.formOf(act, start, ui.Consequences{}, fields...), s.t("followup.form."+act)
	f.Kind = ui.Second
	if !fold || act == s.failed {
		return card{act, title, []templ.Component{formView(f)}}
	}
	return card{act, "", []templ.Component{folded(title, f)}}
}

// options are the values of a list as choices, with the sentences under a prefix.
func options[T ~string](s *sheet, prefix string, values []T) []ui.Option {
	out := make([]ui.Option, len(values))
	for i, v := range values {
		out[i] = ui.Option{Value: string(v), Text: s.t(prefix + string(v))}
	}
	return out
}

// given is a form that was sent, its values by their names without the act.
type given struct {
	url.Values
	bad *fault.Error
}

func (g given) text(name string) string { return strings.TrimSpace(g.Get(name)) }

// day reads a date; a missing one is "".
func (g given) day(name string) deadline.Date {
	t, ok := ui.ParseDate(g.Values, name, g.bad)
	if !ok || t.IsZero() {
		return ""
	}
	return deadline.Date(t.Format(time.DateOnly))
}

// number reads a whole number; a missing one is 0.
func (g given) number(name string) int {
	if g.text(name) == "" {
		return 0
	}
	n, err := strconv.Atoi(g.text(name))
	if err != nil {
		g.bad.Field(name, "followup.number")
	}
	return n
}

// lines are the lines of a text, trimmed, without empty ones.
func (g given) lines(name string) (out []string) {
	for _, l := range strings.FieldsFunc(g.Get(name), func(r rune) bool { return r == '\n' || r == ',' || r == ';' }) {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}

// answer gives the command of a form: once, and over the version that the person
// saw. What is wrong with it is said at its inputs.
func (p pages) answer(w http.ResponseWriter, r *http.Request, act string, on event.Stream, make func(given) any, done func(), again func(int, ui.Form)) {
	g := given{Values: url.Values{}, bad: fault.New(fault.Invalid, "followup.invalid")}
	for name, values := range r.PostForm {
		if short, ok := strings.CutPrefix(name, act+"."); ok {
			g.Values[short] = values
		}
	}
	seen, err := strconv.ParseInt(r.PostForm.Get("seen"), 10, 64)
	once := r.PostForm.Get("once")
	if err != nil || once == "" || len(once) > 64 {
		p.Fail(w, r, fault.New(fault.Invalid, "fault.bad_request"))
		return
	}
	cmd := make(g)
	if err = g.bad.Or(); err == nil {
		err = p.App.Do(r.Context(), door.Actor(r.Context()), cmd, node.Expect(on, seen), node.Once(once))
	}
	if err != nil {
		p.Again(w, r, named(err, act), again)
		return
	}
	ui.SetFlash(w, r, ui.Flash{Key: "followup.done." + act})
	done()
}

// named points the inputs that a refusal names to those of one form.
func named(err error, act string) error {
	var f *fault.Error
	if !errors.As(err, &f) || len(f.Fields) == 0 {
		return err
	}
	out := *f
	out.Fields = slices.Clone(f.Fields)
	for i := range out.Fields {
		out.Fields[i].Name = act + "." + out.Fields[i].Name
	}
	return &out
}

func (p pages) frame(w http.ResponseWriter, r *http.Request, title string, f *ui.Form, crumbs ...ui.Link) ui.Frame {
	frame := p.Frame(w, r, ui.Authority, title)
	place, _, _ := strings.Cut(r.URL.Path[1:], "/") // the bar's key
	frame.Nav, frame.Current, frame.Form = door.Nav(door.Actor(r.Context())), place, f
	if len(crumbs) > 0 {
		frame.Crumbs = append(crumbs, ui.Link{Text: title})
	}
	return frame
}

// dayText writes a calendar day in the reader's words; none is a dash.
func dayText(ctx context.Context, day string) string {
	if day == "" {
		return "–"
	}
	return ui.P(ctx).DayOf(day)
}

// officers are those who may do an act, as options.
func (p pages) officers(ctx context.Context, act access.Act) (out []ui.Option, err error) {
	var rows []store.AccountRow
	err = p.App.Store().View(ctx, func(t *store.Tx) (err error) {
		rows, err = t.Officers(access.RolesThat(act)...)
		return err
	})
	for _, a := range rows {
		out = append(out, ui.Option{Value: a.ID, Text: a.Display})
	}
	return out, fault.Wrap(err, "followup: officers")
}

// pager cuts a list to a page; next makes the address of what follows a row.
func pager[T any](rows []T, base string, id func(T) string, first bool) ([]T, ui.Pages) {
	v := ui.Pages{}
	if len(rows) > listed {
		rows = rows[:listed]
		v.Next = base + "after=" + url.QueryEscape(id(rows[listed-1]))
	}
	if !first {
		v.Prev = strings.TrimRight(base, "?&")
	}
	v.Shown = len(rows)
	return rows, v
}

// row is a line of a summary, left out where there is nothing to say.
func row(rows []ui.SummaryRow, key, text string) []ui.SummaryRow {
	if text == "" {
		return rows
	}
	return append(rows, ui.SummaryRow{Key: key, Text: text})
}
