package listing

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/comity-project/comity/controls"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/lists"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

func entryHref(list, code string) string {
	out := "/controls/" + url.PathEscape(list)
	if code != "" {
		out += "?code=" + url.QueryEscape(code)
	}
	return out
}

// found is an entry that a search found: of a list, or in our own words.
type found struct {
	List, Code, Text string
	Href             string
}

// controlsPage is where control lists are searched and entered.
type controlsPage struct {
	Lists []node.ListInUse
	Form  ui.Form
	Asked bool
	Found []found
	Pages ui.Pages
}

func (p pages) controls(w http.ResponseWriter, r *http.Request) {
	e, err := p.engines(r)
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	q := r.URL.Query()
	v := controlsPage{Lists: e.ControlListsInUse(), Form: ui.NewForm(q, nil)}
	if text := strings.TrimSpace(q.Get("q")); text != "" {
		v.Asked = true
		all := search(e, text, q.Get("list"), door.T(r, "listing.controls.own"))
		v.Found, v.Pages = window(all, r, "/controls?"+url.Values{"q": {text}, "list": {q.Get("list")}}.Encode())
	}
	ui.Render(w, r, http.StatusOK, controlsView(p.frame(w, r, "controls", door.T(r, "listing.controls.title")), v))
}

// maxFound bounds what a search gives; the page says when there is more.
const maxFound = 1000

// search finds entries by the beginning of a code, or by words that all stand in
// an entry, its notes or its description in our own words; own is what those are
// called.
func search(e *node.Engines, text, only, own string) []found {
	text = strings.ToLower(text)
	words := strings.Fields(text)
	if len(words) > 12 {
		words = words[:12]
	}
	fits := func(code, body string) bool {
		if len(words) == 1 && strings.HasPrefix(strings.ToLower(code), words[0]) {
			return true
		}
		body = strings.ToLower(body)
		return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(body, w) })
	}
	var out []found
	used := e.ControlListsInUse()
	for i, l := range e.Texts {
		id := used[i].ID
		if only != "" && only != id {
			continue
		}
		for _, x := range l.Entries {
			if len(out) == maxFound {
				return out
			}
			body := x.Text
			for _, n := range x.Notes {
				body += " " + n.Text
			}
			if fits(x.Code, body) {
				out = append(out, found{used[i].Title, x.Code, short(x.Text), entryHref(id, x.Code)})
			}
		}
	}
	if only != "" && only != ownWords {
		return out
	}
	for _, s := range e.Words.Summaries {
		if len(out) < maxFound && fits(s.Code, s.Title+" "+s.Summary+" "+s.Question) {
			out = append(out, found{s.List + ": " + own, s.Code, short(s.Summary), entryHref(ownWords+"-"+strings.ToLower(s.List), s.Code)})
		}
	}
	return out
}

// ownWords stands for the entries in our own words among the lists.
const ownWords = "own"

// short is the beginning of a text, for a row.
func short(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 240 {
		return string(r[:240]) + "…"
	}
	return s
}

// entryPage is one entry of a control list, or the headings of a list.
type entryPage struct {
	List     node.ListInUse
	Entry    *controls.Entry
	Above    []controls.Entry
	Below    []controls.Entry
	Releases []controls.Note   // that reach the entry, its own included
	Own      *controls.Summary // the same in our own words
	Pages    ui.Pages
}

func (p pages) entry(w http.ResponseWriter, r *http.Request) {
	e, err := p.engines(r)
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	id, code := r.PathValue("list"), r.URL.Query().Get("code")
	if regime, ok := strings.CutPrefix(id, ownWords+"-"); ok {
		p.ownEntry(w, r, e, strings.ToUpper(regime), code)
		return
	}
	l, used, ok := e.ControlList(id)
	if !ok {
		p.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
		return
	}
	v := entryPage{List: used}
	frame := p.frame(w, r, "controls", used.Title)
	crumbs := []ui.Link{{Text: door.T(r, "listing.controls.title"), Href: "/controls"}, {Text: used.Title, Href: entryHref(id, "")}}
	if code == "" {
		var top []controls.Entry
		for _, x := range l.Entries {
			if x.Parent == "" {
				top = append(top, x)
			}
		}
		v.Below, v.Pages = window(top, r, entryHref(id, "")+"?")
		frame.Crumbs = append(crumbs[:1], ui.Link{Text: used.Title})
		ui.Render(w, r, http.StatusOK, entryView(frame, v))
		return
	}
	x, ok := l.Find(code)
	if !ok {
		p.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
		return
	}
	v.Entry, v.Releases = &x, l.Releases(code)
	for up := x.Parent; up != "" && len(v.Above) < controls.MaxDepth; {
		a, ok := l.Find(up)
		if !ok {
			break
		}
		v.Above = append([]controls.Entry{a}, v.Above...)
		up = a.Parent
	}
	for _, a := range v.Above {
		crumbs = append(crumbs, ui.Link{Text: a.Code, Href: entryHref(id, a.Code)})
	}
	if s, ok := e.Words.Summary(l.Regime(), code); ok {
		v.Own = &s
	}
	v.Below, v.Pages = window(l.Children(code), r, entryHref(id, code))
	frame.Title = code + ", " + used.Title
	frame.Crumbs = append(crumbs, ui.Link{Text: code})
	ui.Render(w, r, http.StatusOK, entryView(frame, v))
}

func (p pages) ownEntry(w http.ResponseWriter, r *http.Request, e *node.Engines, regime, code string) {
	s, ok := e.Words.Summary(regime, code)
	if !ok {
		p.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
		return
	}
	frame := p.frame(w, r, "controls", code)
	frame.Crumbs = []ui.Link{{Text: door.T(r, "listing.controls.title"), Href: "/controls"}, {Text: door.T(r, "listing.controls.own")}, {Text: code}}
	ui.Render(w, r, http.StatusOK, ownView(frame, s))
}

// choices are the versions that can be compared.
func choices(r *http.Request, s *lists.State) []ui.Option {
	var out []ui.Option
	for _, x := range s.Versions {
		if x.Status != lists.Rejected {
			out = append(out, ui.Option{Value: strconv.Itoa(x.Number), Text: door.T(r, "listing.version.of", "number", x.Number, "date", published(r.Context(), x.Published))})
		}
	}
	return out
}

// versionsQuery names the versions of a comparison in an address.
func versionsQuery(c node.ControlChanges) url.Values {
	return url.Values{"from": {strconv.Itoa(c.From.Number)}, "to": {strconv.Itoa(c.To.Number)}}
}

// touchedPage tells whom the changes between two versions concern.
type touchedPage struct {
	node.ControlChanges
	Form    ui.Form
	Rows    []node.CodeTouched
	More    bool
	Pages   ui.Pages
	Choices []ui.Option
}

func (p pages) touched(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	c, touched, more, err := p.App.ControlTouched(r.Context(), door.Actor(r.Context()), r.PathValue("list"), q.Get("from"), q.Get("to"))
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	query := versionsQuery(c)
	v := touchedPage{ControlChanges: c, Form: ui.NewForm(query, nil), More: more, Choices: choices(r, c.List)}
	v.Rows, v.Pages = window(touched, r, "/controls/"+url.PathEscape(c.List.ID)+"/touched?"+query.Encode())
	frame := p.frame(w, r, "controls", door.T(r, "listing.touched.title"))
	frame.Crumbs = []ui.Link{{Text: door.T(r, "listing.controls.title"), Href: "/controls"}, {Text: c.List.Title, Href: entryHref(c.List.ID, "")}, {Text: frame.Title}}
	ui.Render(w, r, http.StatusOK, touchedView(frame, v))
}

// changesPage compares two versions of a control list.
type changesPage struct {
	node.ControlChanges
	Form    ui.Form
	Rows    []controls.Change
	Small   int // editorial changes that are left out
	Pages   ui.Pages
	Choices []ui.Option
}

func (p pages) changes(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	c, err := p.App.ControlChanges(r.Context(), door.Actor(r.Context()), r.PathValue("list"), q.Get("from"), q.Get("to"))
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	v := changesPage{ControlChanges: c}
	from, to := strconv.Itoa(c.From.Number), strconv.Itoa(c.To.Number)
	v.Form = ui.FormOf("from", from, "to", to, "all", q.Get("all"))
	v.Choices = choices(r, c.List)
	var rows []controls.Change
	for _, x := range c.Changes {
		if x.Editorial && q.Get("all") == "" {
			v.Small++
			continue
		}
		rows = append(rows, x)
	}
	v.Rows, v.Pages = window(rows, r, "/controls/"+url.PathEscape(c.List.ID)+"/changes?"+url.Values{"from": {from}, "to": {to}, "all": {q.Get("all")}}.Encode())
	frame := p.frame(w, r, "controls", door.T(r, "listing.changes.title"))
	frame.Crumbs = []ui.Link{{Text: door.T(r, "listing.controls.title"), Href: "/controls"}, {Text: c.List.Title, Href: entryHref(c.List.ID, "")}, {Text: frame.Title}}
	ui.Render(w, r, http.StatusOK, changesView(frame, v))
}
