package exporter

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/comity-project/comity/controls"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/web/classified"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

func notFound() error { return fault.New(fault.NotFound, "fault.not_found") }

func restOf(r *http.Request) []string { return strings.Split(r.PathValue("rest"), "/") }

// shown is what a page's inputs hold: what was typed and could not be read, or
// what the draft holds.
func (b *builder) shown(s *sheet) url.Values {
	if typed, ok := b.d.typed[s.name()]; ok {
		return typed
	}
	return s.values
}

// sheetPage is what a page of an application shows.
type sheetPage struct {
	frame   ui.Frame
	d       *draft
	s       *sheet
	form    ui.Form
	seen    string // digest of what the page shows
	once    string
	states  []ui.StateOption
	differs []difference
	b       *builder
	max     int64 // bytes of a file
	found   classified.Interview
}

// difference is one field in which another window and this one differ.
type difference struct {
	label, there, here string
}

func (p pages) showSheet(w http.ResponseWriter, r *http.Request) {
	d, err := p.draft(r.Context(), door.Actor(r.Context()), r.PathValue("draft"))
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	b, err := p.builder(r.Context(), d)
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	s := b.sheet(restOf(r))
	if s == nil {
		p.Fail(w, r, notFound())
		return
	}
	values := b.shown(s)
	form := ui.NewForm(values, nil)
	if _, unread := d.typed[s.name()]; unread {
		// Typed before and not readable: the page says again what is wrong.
		in := newInput(values)
		s.write(in)
		form = ui.NewForm(values, lang.Fault(b.p, in.fault.Or()))
	}
	p.drawSheet(w, r, http.StatusOK, sheetPage{d: d, s: s, form: form, seen: digest(values), b: b})
}

func (p pages) drawSheet(w http.ResponseWriter, r *http.Request, status int, page sheetPage) {
	page.frame = p.draftFrame(w, r, page.d, page.s.heading(page.b.p))
	page.frame.Form, page.frame.Narrow = &page.form, true
	back := draftPath(page.d.ID)
	if page.s.back != nil {
		back = draftPath(page.d.ID, page.s.back...)
	}
	page.frame.Back = &ui.Link{Text: door.T(r, "exporter.back"), Href: back}
	page.states, page.once, page.max = p.states(r), node.NewID(), p.limit()
	if page.s.has(entriesList) {
		page.found = page.b.interview(page.s.path, r.URL.Query(), draftPath(page.d.ID, page.s.path...))
	}
	ui.Render(w, r, status, sheetView(page))
}

// interview is what public lists and our own words say of the line that a page is
// about, from its description alone: the applicant sees what the text says, and
// nothing of how the authority reads it.
func (b *builder) interview(path []string, answers url.Values, here string) classified.Interview {
	l, _ := b.line(path[1])
	out := classified.Interview{Method: "get", Action: here + "#entries", Again: here + "#entries"}
	out.Result, out.Answered = b.items.Interview(controls.Item{Name: l.PartNumber, Description: l.Description, ClaimedCode: l.ClaimedCode, Answers: classified.Answers(answers, "")})
	out.Result.Questions = slices.DeleteFunc(out.Result.Questions, func(q controls.Question) bool { return !q.OfEntry() })
	return out
}

// draftFrame is the frame of a page about a draft.
func (p pages) draftFrame(w http.ResponseWriter, r *http.Request, d *draft, title string) ui.Frame {
	f := p.frame(w, r, title, "applications")
	f.Back = &ui.Link{Text: door.T(r, "exporter.back"), Href: draftPath(d.ID)}
	return f
}

// saveSheet keeps what was typed, whatever it is, and goes on where it can be
// read.
func (p pages) saveSheet(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	id, path := r.PathValue("draft"), restOf(r)
	var b *builder
	var s *sheet
	var problem error
	d, err := p.change(r, id, func(d *draft) (err error) {
		if b, err = p.builder(r.Context(), d); err != nil {
			return err
		}
		if s = b.sheet(path); s == nil {
			return notFound()
		}
		was, typed := b.shown(s), kept(s.fields, r.PostForm)
		problem, err = b.keep(r, s, was, typed)
		return err
	})
	var clash *clashed
	switch {
	case errors.As(err, &clash):
		page := sheetPage{d: d, s: s, b: b, seen: digest(clash.was), differs: clash.differs, form: ui.NewForm(kept(s.fields, r.PostForm), nil)}
		p.drawSheet(w, r, http.StatusConflict, page)
		return
	case err != nil && path[0] == "declaration" && fault.Is(err, fault.NotFound):
		p.perhapsSubmitted(w, r, id, err)
		return
	case err != nil:
		p.Fail(w, r, err)
		return
	case problem != nil:
		form := ui.NewForm(d.typed[s.name()], lang.Fault(b.p, problem))
		p.drawSheet(w, r, http.StatusUnprocessableEntity, sheetPage{d: d, s: s, b: b, form: form, seen: digest(d.typed[s.name()])})
		return
	}
	if path[0] == "declaration" {
		p.submit(w, r, d, b)
		return
	}
	to := draftPath(id)
	if s.next != nil && r.PostForm.Get("then") == "" {
		to = draftPath(id, s.next...)
	}
	seeOther(w, r, to)
}

// clashed says that another window saved the same page meanwhile.
type clashed struct {
	differs []difference
	was     url.Values
}

func (*clashed) Error() string { return "exporter: another window saved this page" }

// keep takes in what was typed over what the page showed: what can be read goes
// into the application, anything else stays as typed, with what is wrong with it
// as problem. Where another window changed the same fields, nothing is kept and
// the error is clashed.
func (b *builder) keep(r *http.Request, s *sheet, was, typed url.Values) (problem, err error) {
	if r.PostForm.Get("seen") != digest(was) {
		if differs := b.compare(r, s, was, typed); len(differs) > 0 {
			return nil, &clashed{differs, was}
		}
	}
	in := newInput(typed)
	s.write(in)
	in.fault.Fields = append(in.fault.Fields, s.complaints(b.app)...)
	if problem = in.fault.Or(); problem != nil {
		b.d.typed[s.name()] = typed
	} else {
		delete(b.d.typed, s.name())
	}
	return problem, nil
}

// compare names the fields in which what is kept and what was typed differ.
func (b *builder) compare(r *http.Request, s *sheet, was, typed url.Values) []difference {
	var out []difference
	for _, f := range s.fields {
		same := true
		for _, n := range f.names() {
			same = same && strings.Join(was[n], "\x00") == strings.Join(normal(typed[n]), "\x00")
		}
		if !same {
			label := b.p.T(f.label)
			if f.group != "" {
				label = f.group + ": " + label
			}
			out = append(out, difference{label, f.said(r.Context(), was), f.said(r.Context(), typed)})
		}
	}
	return out
}

// normal is how a browser's line breaks come to be kept.
func normal(values []string) []string {
	out := make([]string, 0, len(values))
	for _, v := range values {
		out = append(out, strings.TrimSpace(strings.ReplaceAll(v, "\r\n", "\n")))
	}
	return out
}
