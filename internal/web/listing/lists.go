package listing

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/lists"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

// listsPage is every list, on record or shipped.
type listsPage struct {
	States  []*lists.State
	Shipped []node.ListInUse
	Missing []string // not searched
	Loading bool     // lists are still being read; nothing can be said of them
	Now     time.Time
	Screen  bool
	Audit   bool
	Watch   bool // the reader may see decided cases
}

func (p pages) lists(w http.ResponseWriter, r *http.Request) {
	actor := door.Actor(r.Context())
	states, err := p.App.Lists(r.Context(), actor)
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	v := listsPage{
		States: states, Now: p.App.Now(), Loading: true,
		Screen: access.Can(actor, access.ScreenRun, access.Thing{}), Audit: access.Can(actor, access.ScreenAudit, access.Thing{}), Watch: access.Can(actor, access.CaseRead, access.Thing{}),
	}
	if e := p.App.EnginesReady(); e != nil {
		v.Loading, v.Missing = false, e.NotSearched
		for _, l := range e.InUse {
			if l.Shipped {
				v.Shipped = append(v.Shipped, l)
			}
		}
	}
	ui.Render(w, r, http.StatusOK, listsView(p.frame(w, r, "lists", door.T(r, "listing.title")), v))
}

// listPage is one list.
type listPage struct {
	*lists.State
	Versions   []lists.Version // latest first
	Pages      ui.Pages
	Now        time.Time
	MayReview  bool
	MayCorrect bool
	Review     ui.Form
	Object     ui.Form
	Answers    map[string]ui.Form // of objections, by id
}

func (p pages) list(w http.ResponseWriter, r *http.Request) {
	p.drawList(w, r, http.StatusOK, "", ui.FormOf())
}

// drawList draws a list; form belongs to the form of that name on its page.
func (p pages) drawList(w http.ResponseWriter, r *http.Request, status int, which string, form ui.Form) {
	actor := door.Actor(r.Context())
	s, err := p.App.List(r.Context(), actor, r.PathValue("list"))
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	v := listPage{
		State: s, Now: p.App.Now(), Review: ui.FormOf(), Object: ui.FormOf("id", node.NewID()), Answers: map[string]ui.Form{},
		MayReview: access.Can(actor, access.ListReview, access.Thing{}), MayCorrect: access.Can(actor, access.ListCorrect, access.Thing{}),
	}
	switch which {
	case "review":
		v.Review = form
	case "object":
		v.Object = form
	default:
		v.Answers[which] = form
	}
	all := slices.Clone(s.Versions)
	slices.Reverse(all)
	v.Versions, v.Pages = window(all, r, listHref(s.ID)+"?")
	frame := p.frame(w, r, "lists", s.Title)
	frame.Form = &form
	frame.Crumbs = []ui.Link{{Text: door.T(r, "listing.title"), Href: "/lists"}, {Text: s.Title}}
	ui.Render(w, r, status, listView(frame, v))
}

// act gives a command about a list and goes back to its page, or draws the page
// again with what is wrong.
func (p pages) act(w http.ResponseWriter, r *http.Request, cmd any, which, done string) {
	if err := p.App.Do(r.Context(), door.Actor(r.Context()), cmd); err != nil {
		p.Again(w, r, err, func(status int, f ui.Form) { p.drawList(w, r, status, which, f) })
		return
	}
	ui.SetFlash(w, r, ui.Flash{Tone: ui.Info, Key: done})
	ui.SeeOther(w, r, listHref(r.PathValue("list")))
}

func (p pages) review(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	f := r.PostForm
	p.act(w, r, lists.RecordReview{List: r.PathValue("list"), Keep: f.Get("keep") == "yes", Note: f.Get("note"), NextBy: isoDate(f.Get, "next_by")}, "review", "listing.review.done")
}

func (p pages) object(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	f := r.PostForm
	p.act(w, r, lists.Object{
		List: r.PathValue("list"), ID: f.Get("id"), Entry: strings.TrimSpace(f.Get("entry")), Kind: lists.ObjectionKind(f.Get("kind")),
		Received: isoDate(f.Get, "received"), Text: lists.ObjectionText{From: f.Get("from"), Contact: f.Get("contact"), Text: f.Get("text")},
	}, "object", "listing.object.done")
}

func (p pages) answer(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	f := r.PostForm
	p.act(w, r, lists.DecideObjection{List: r.PathValue("list"), ID: r.PathValue("id"), Outcome: lists.ObjectionOutcome(f.Get("outcome")), Answer: f.Get("answer")},
		r.PathValue("id"), "listing.answer.done")
}

// isoDate joins the three inputs of a date. What is no date stays something that
// the domain refuses.
func isoDate(get func(string) string, name string) string {
	d, m, y := get(name+".day"), get(name+".month"), get(name+".year")
	if d+m+y == "" {
		return ""
	}
	pad := func(s string) string {
		if n, err := strconv.Atoi(strings.TrimSpace(s)); err == nil && n > 0 && n < 100 {
			return string(rune('0'+n/10)) + string(rune('0'+n%10))
		}
		return "??"
	}
	return strings.TrimSpace(y) + "-" + pad(m) + "-" + pad(d)
}

// versionPage is one version with what it changed.
type versionPage struct {
	node.VersionView
	Show    string // which part: added, removed, changed, aside, doubts
	Rows    [][]ui.Cell
	Changes []lists.Change
	Pages   ui.Pages
	Now     time.Time
	Active  *lists.Version
	Form    ui.Form
	May     map[string]bool // activate, force, reject
}

func (p pages) version(w http.ResponseWriter, r *http.Request) {
	p.drawVersion(w, r, http.StatusOK, ui.FormOf())
}

func (p pages) drawVersion(w http.ResponseWriter, r *http.Request, status int, form ui.Form) {
	actor := door.Actor(r.Context())
	view, err := p.App.ListVersion(r.Context(), actor, r.PathValue("list"), r.PathValue("version"))
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	v := versionPage{VersionView: view, Now: p.App.Now(), Active: view.List.ActiveVersion(), Form: form, May: map[string]bool{}}
	s := view.Version.Status
	if access.Can(actor, access.ListActivate, access.Thing{}) {
		v.May["activate"] = s == lists.Waiting || s == lists.Superseded
		v.May["reject"] = s == lists.Waiting || s == lists.Suspicious
	}
	v.May["force"] = s == lists.Suspicious && access.Can(actor, access.ListForce, access.Thing{})
	v.choose(r)
	title := door.T(r, "listing.version.title", "number", view.Version.Number)
	frame := p.frame(w, r, "lists", title+", "+view.List.Title)
	frame.Form = &form
	frame.Crumbs = []ui.Link{{Text: door.T(r, "listing.title"), Href: "/lists"}, {Text: view.List.Title, Href: listHref(view.List.ID)}, {Text: title}}
	ui.Render(w, r, status, versionView(frame, v, title))
}

// parts are the views on a version's report, in their order.
var parts = []string{"changed", "added", "removed", "aside", "doubts"}

func (v *versionPage) count(part string) int {
	d := v.Report.Delta
	return map[string]int{"changed": len(d.Changed), "added": len(d.Added), "removed": len(d.Removed), "aside": len(v.Report.Aside), "doubts": len(v.Doubts)}[part]
}

// choose takes the part that was asked for, or the first that holds something.
func (v *versionPage) choose(r *http.Request) {
	v.Show = r.URL.Query().Get("show")
	if !slices.Contains(parts, v.Show) {
		v.Show = parts[0]
		for _, x := range parts {
			if v.count(x) > 0 {
				v.Show = x
				break
			}
		}
	}
	href := listHref(v.List.ID, strconv.Itoa(v.Version.Number)) + "?show=" + v.Show
	named := func(ids []string) {
		ids, v.Pages = window(ids, r, href)
		for _, id := range ids {
			v.Rows = append(v.Rows, []ui.Cell{{Text: id}, {Text: v.Names[id], Lang: "und"}})
		}
	}
	switch v.Show {
	case "added":
		named(v.Report.Delta.Added)
	case "removed":
		named(v.Report.Delta.Removed)
	case "changed":
		v.Changes, v.Pages = window(v.Report.Delta.Changed, r, href)
	case "aside":
		rows, pg := window(v.Report.Aside, r, href)
		v.Pages = pg
		for _, a := range rows {
			v.Rows = append(v.Rows, []ui.Cell{{Text: a.File + ":" + strconv.Itoa(a.Line)}, {Text: door.T(r, "listing.aside."+a.Kind)}, {Text: a.Entity}, {Text: a.Text, Lang: "und"}})
		}
	case "doubts":
		rows, pg := window(v.Doubts, r, href)
		v.Pages = pg
		for _, d := range rows {
			c := ui.Cell{Text: door.T(r, "listing.doubt.light")}
			if d.Grave {
				c = ui.Cell{Value: ui.Chip(ui.Needs, door.T(r, "listing.doubt.grave"))}
			}
			v.Rows = append(v.Rows, []ui.Cell{{Text: d.Code}, c, {Text: d.Text, Lang: "en"}})
		}
	}
}

// settle activates, forces or rejects a version: the button says which.
func (p pages) settle(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	ctx, actor := r.Context(), door.Actor(r.Context())
	list, reason := r.PathValue("list"), r.PostForm.Get("reason")
	s, err := p.App.List(ctx, actor, list)
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	id := r.PathValue("version")
	if v := node.FindVersion(s, id); v != nil {
		id = v.ID
	}
	var cmd any = lists.ActivateVersion{List: list, ID: id, Reason: reason}
	done := "listing.version.activated"
	switch r.PostForm.Get("do") {
	case "force":
		cmd = lists.ForceVersion{List: list, ID: id, Reason: reason}
	case "reject":
		cmd, done = lists.RejectVersion{List: list, ID: id, Reason: reason}, "listing.version.rejected"
	}
	if err := p.App.Do(ctx, actor, cmd); err != nil {
		p.Again(w, r, err, func(status int, f ui.Form) { p.drawVersion(w, r, status, f) })
		return
	}
	ui.SetFlash(w, r, ui.Flash{Tone: ui.Info, Key: done})
	ui.SeeOther(w, r, listHref(list))
}

// statusTone is how a version's status looks besides its word.
func statusTone(s lists.Status) ui.Tone {
	switch s {
	case lists.Active:
		return ui.Verified
	case lists.Waiting, lists.Suspicious:
		return ui.Needs
	}
	return ui.Plain
}

// overdue tells whether a review date has passed.
func overdue(reviewBy string, now time.Time) bool {
	return reviewBy != "" && reviewBy < now.Format(time.DateOnly)
}

// fields are the fields of entries that have words of their own; figures of
// countries go by their publishers' codes.
var fields = []string{
	"list", "type", "births", "countries", "addresses", "program", "listed", "remarks", "url",
	"text", "reasons", "destinations", "notes", "releases", "reserved", "groups",
}

func fieldName(ctx context.Context, field string) string {
	if kind, ok := strings.CutPrefix(field, "names."); ok && slices.Contains([]string{"primary", "alias", "former", "weak"}, kind) {
		return ui.T(ctx, "listing.field.name."+kind)
	}
	if kind, ok := strings.CutPrefix(field, "ids."); ok {
		return ui.T(ctx, "listing.field.id", "kind", kind)
	}
	if slices.Contains(fields, field) {
		return ui.T(ctx, "listing.field."+field)
	}
	return field
}

func versionRows(ctx context.Context, v listPage) [][]ui.Cell {
	p := ui.P(ctx)
	rows := make([][]ui.Cell, len(v.Versions))
	for i, x := range v.Versions {
		f := x.Figures
		rows[i] = []ui.Cell{
			{Text: ui.T(ctx, "listing.version.title", "number", x.Number), Href: listHref(v.ID, strconv.Itoa(x.Number))},
			{Text: published(ctx, x.Published)},
			{Value: ui.Day(x.Imported)},
			{Text: p.Int(int64(f.Entries))},
			{Text: ui.T(ctx, "listing.version.delta", "added", f.Added, "removed", f.Removed, "changed", f.Changed)},
			{Text: p.Int(int64(f.Aside))},
			{Value: ui.Chip(statusTone(x.Status), ui.T(ctx, "listing.status."+string(x.Status))), Sub: x.Reason},
		}
	}
	return rows
}
