package exporter

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/party"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

// draftPage is a page about a whole draft.
type draftPage struct {
	frame ui.Frame
	d     *draft
	b     *builder
	form  ui.Form
	gaps  []gap
	tasks []ui.TaskGroup
}

// open loads a draft and its builder; it answers the request itself where that
// fails.
func (p pages) open(w http.ResponseWriter, r *http.Request) (*draft, *builder, bool) {
	d, err := p.draft(r.Context(), door.Actor(r.Context()), r.PathValue("draft"))
	if err != nil {
		p.Fail(w, r, err)
		return nil, nil, false
	}
	b, err := p.builder(r.Context(), d)
	if err != nil {
		p.Fail(w, r, err)
		return nil, nil, false
	}
	return d, b, true
}

func (p pages) tasks(w http.ResponseWriter, r *http.Request) {
	d, b, ok := p.open(w, r)
	if !ok {
		return
	}
	page := draftPage{d: d, b: b, gaps: b.gaps()}
	page.tasks = b.taskList(r.Context(), page.gaps)
	page.frame = p.frame(w, r, titleOr(r.Context(), d.app.Title), "applications")
	page.frame.Crumbs = []ui.Link{{Text: door.T(r, "exporter.applications.title"), Href: "/exporter/applications"}, {Text: titleOr(r.Context(), d.app.Title)}}
	ui.Render(w, r, http.StatusOK, tasksView(page))
}

// area is the task that a page belongs to.
func area(path []string) string {
	switch path[0] {
	case "items", "parties", "documents", "use", "route", "declaration", "about":
		return path[0]
	case "questions", "missing":
		return "questions"
	}
	return "about"
}

func (b *builder) taskList(ctx context.Context, gaps []gap) []ui.TaskGroup {
	open := map[string]int{}
	for _, g := range gaps {
		open[area(g.path)]++
	}
	task := func(key, where, hint string, begun bool) ui.Task {
		t := ui.Task{Title: b.p.T(key), Hint: hint, Href: draftPath(b.d.ID, where)}
		switch n := open[where]; {
		case n > 0 && begun:
			t.Tone, t.Status = ui.Needs, b.p.T("exporter.task.open", "count", n)
		case n > 0 || !begun:
			t.Tone, t.Status = ui.Info, b.p.T("exporter.task.not_begun")
			if n == 0 {
				t.Tone, t.Status = ui.Plain, b.p.T("exporter.task.optional")
			}
		default:
			t.Done, t.Status = true, b.p.T("exporter.task.done")
		}
		return t
	}
	a := b.app
	u := a.EndUse
	sections := map[string]ui.Task{
		"items":     task("exporter.items.title", "items", b.p.T("exporter.items.count", "count", len(a.Lines)), len(a.Lines) > 0),
		"parties":   task("exporter.parties.title", "parties", b.p.T("exporter.parties.count", "count", len(a.Parties)), len(a.Parties) > 0),
		"use":       task("exporter.use.title", "use", "", u.Purpose+u.Country+u.Place+u.OnWhom != ""),
		"route":     task("exporter.route.title", "route", "", len(a.Route) > 0),
		"documents": task("exporter.documents.title", "documents", b.p.T("exporter.documents.count", "count", len(a.Documents)), len(a.Documents) > 0),
	}
	what := ui.TaskGroup{Title: b.p.T("exporter.tasks.what"), Tasks: []ui.Task{task("exporter.about.title", "about", "", a.Title != "")}}
	for _, name := range licensing.KindSections {
		if b.kind.Section(name) {
			what.Tasks = append(what.Tasks, sections[name])
		}
	}
	groups := []ui.TaskGroup{what}
	if questions := b.questionTasks(gaps); len(questions) > 0 {
		groups = append(groups, ui.TaskGroup{Title: b.p.T("exporter.tasks.questions"), Tasks: questions})
	}
	end := ui.TaskGroup{Title: b.p.T("exporter.tasks.send")}
	missing := ui.Task{Title: b.p.T("exporter.missing.title"), Href: draftPath(b.d.ID, "missing")}
	if len(gaps) > 0 {
		missing.Tone, missing.Status = ui.Needs, b.p.T("exporter.task.open", "count", len(gaps))
	} else {
		missing.Done, missing.Status = true, b.p.T("exporter.missing.nothing_short")
	}
	check := ui.Task{Title: b.p.T("exporter.check.title"), Href: draftPath(b.d.ID, "check"), Done: true, Status: ""}
	submit := ui.Task{Title: b.p.T("exporter.declaration.task"), Tone: ui.Plain, Status: b.p.T("exporter.task.not_yet"), Hint: b.p.T("exporter.declaration.first")}
	if len(gaps) == 0 {
		submit.Href, submit.Hint, submit.Tone, submit.Status = draftPath(b.d.ID, "declaration"), "", ui.Info, b.p.T("exporter.task.ready")
	}
	end.Tasks = []ui.Task{missing, check, submit}
	return append(groups, end)
}

// questionTasks is a task for each paragraph that this kind of item and end
// user is asked.
func (b *builder) questionTasks(gaps []gap) []ui.Task {
	var out []ui.Task
	for _, m := range asked(b.app, b.profile) {
		t := ui.Task{Title: m.Title, Href: draftPath(b.d.ID, questionPath(m)...), Hint: b.nameOf(m), Done: true, Status: b.p.T("exporter.task.done")}
		for _, g := range gaps {
			if sameQuestion(g.asks, m) {
				t.Done, t.Tone, t.Status = false, ui.Needs, b.p.T("exporter.task.to_answer")
			}
		}
		out = append(out, t)
	}
	return out
}

func (p pages) missing(w http.ResponseWriter, r *http.Request) {
	d, b, ok := p.open(w, r)
	if !ok {
		return
	}
	p.drawMissing(w, r, http.StatusOK, d, b, ui.FormOf())
}

func (p pages) drawMissing(w http.ResponseWriter, r *http.Request, status int, d *draft, b *builder, form ui.Form) {
	page := draftPage{d: d, b: b, gaps: b.gaps(), form: form}
	page.frame = p.draftFrame(w, r, d, door.T(r, "exporter.missing.title"))
	page.frame.Form = &page.form
	ui.Render(w, r, status, missingView(page))
}

func (p pages) items(w http.ResponseWriter, r *http.Request) {
	d, b, ok := p.open(w, r)
	if !ok {
		return
	}
	page := draftPage{d: d, b: b, gaps: b.gaps()}
	page.frame = p.draftFrame(w, r, d, door.T(r, "exporter.items.title"))
	ui.Render(w, r, http.StatusOK, itemsView(page))
}

func (p pages) parties(w http.ResponseWriter, r *http.Request) {
	d, b, ok := p.open(w, r)
	if !ok {
		return
	}
	page := draftPage{d: d, b: b, gaps: b.gaps()}
	page.frame = p.draftFrame(w, r, d, door.T(r, "exporter.parties.title"))
	ui.Render(w, r, http.StatusOK, partiesView(page))
}

func (p pages) check(w http.ResponseWriter, r *http.Request) {
	d, b, ok := p.open(w, r)
	if !ok {
		return
	}
	page := draftPage{d: d, b: b, gaps: b.gaps()}
	page.frame = p.draftFrame(w, r, d, door.T(r, "exporter.check.title"))
	ui.Render(w, r, http.StatusOK, checkView(page))
}

// openFor counts what is missing on the pages of one line or party.
func openFor(gaps []gap, kind, id string) int {
	n := 0
	for _, g := range gaps {
		if len(g.path) > 1 && g.path[0] == kind && g.path[1] == id || g.asks.Line == id && kind == "items" || g.asks.Party == id && kind == "parties" {
			n++
		}
	}
	return n
}

// -- removing

// removal is something of a draft that is about to go.
type removal struct {
	frame      ui.Frame
	name, text string
	action     string
	back       string
}

// target finds what a remove page is about: its name, where to go back to, and
// how it goes. "line/L", "party/P", "owner/P/O", "unit/P/U", "document/D".
func (b *builder) target(what string, ids []string) (name string, back []string, cut func()) {
	switch {
	case what == "line" && len(ids) == 1:
		for i, l := range b.app.Lines {
			if l.ID == ids[0] {
				return lineName(b.p, i, l), []string{"items"}, func() { b.cutLine(ids[0]) }
			}
		}
	case what == "party" && len(ids) == 1:
		for _, q := range b.app.Parties {
			if q.ID == ids[0] {
				return nameIn(b.p, b.app, "", q.ID), []string{"parties"}, func() { b.cutParty(ids[0]) }
			}
		}
	case what == "owner" && len(ids) == 2:
		q, _ := b.party(ids[0])
		for i, o := range q.Ownership.Owners {
			if o.ID == ids[1] {
				return party.PrimaryName(o.Names), []string{"parties", q.ID, "ownership"}, func() {
					q.Ownership.Owners = append(append([]party.Owner(nil), q.Ownership.Owners[:i]...), q.Ownership.Owners[i+1:]...)
					b.putParty(q)
					b.forget("parties/" + q.ID + "/owners/" + o.ID)
				}
			}
		}
	case what == "unit" && len(ids) == 2:
		q, _ := b.party(ids[0])
		if u, ok := q.Tree.Unit(ids[1]); ok {
			return party.PrimaryName(u.Names), []string{"parties", q.ID, "units"}, func() {
				var tree party.Tree
				for _, x := range q.Tree {
					if x.ID == u.ID {
						continue
					}
					if x.Parent == u.ID {
						x.Parent = u.Parent // what stood beneath it now stands beneath what it stood beneath
					}
					tree = append(tree, x)
				}
				q.Tree = tree
				b.putParty(q)
				b.forget("parties/" + q.ID + "/units/" + u.ID)
			}
		}
	case what == "document" && len(ids) == 1:
		if doc, ok := b.app.Document(ids[0]); ok {
			return doc.Title, []string{"documents"}, func() { b.cutDocument(doc.ID) }
		}
	}
	return "", nil, nil
}

// forget drops what was typed on pages whose thing is gone.
func (b *builder) forget(prefix string) {
	for _, name := range slices.Sorted(maps.Keys(b.d.typed)) {
		if strings.HasPrefix(name, prefix) {
			delete(b.d.typed, name)
		}
	}
}

func (b *builder) cutLine(id string) {
	var lines []licensing.Line
	for _, l := range b.app.Lines {
		if l.ID == id {
			continue
		}
		if l.Service != nil && l.Service.For == id {
			s := *l.Service
			s.For = ""
			l.Service = &s
		}
		lines = append(lines, l)
	}
	b.app.Lines = lines
	b.cutAnswers(func(w licensing.Answer) bool { return w.Line == id })
	b.forget("items/" + id + "/")
}

func (b *builder) cutParty(id string) {
	var parties []party.Party
	for _, q := range b.app.Parties {
		if q.ID != id {
			parties = append(parties, q)
		}
	}
	b.app.Parties = parties
	b.cutAnswers(func(w licensing.Answer) bool { return w.Party == id })
	b.forget("parties/" + id + "/")
}

func (b *builder) cutAnswers(gone func(licensing.Answer) bool) {
	var out []licensing.Answer
	for _, w := range b.app.Answers {
		if !gone(w) {
			out = append(out, w)
		}
	}
	b.app.Answers = out
}

func (b *builder) cutDocument(id string) {
	var docs []licensing.Document
	for _, x := range b.app.Documents {
		if x.ID != id {
			docs = append(docs, x)
		}
	}
	b.app.Documents = docs
	lines := append([]licensing.Line(nil), b.app.Lines...)
	for i := range lines {
		if lines[i].Sheet == id {
			lines[i].Sheet = ""
		}
	}
	b.app.Lines = lines
	var answers []licensing.Answer
	for _, w := range b.app.Answers {
		var keep []string
		for _, x := range w.Documents {
			if x != id {
				keep = append(keep, x)
			}
		}
		w.Documents = keep
		if w.Text+w.Choice != "" || len(keep) > 0 {
			answers = append(answers, w)
		}
	}
	b.app.Answers = answers
}

func (p pages) askRemove(w http.ResponseWriter, r *http.Request) {
	d, b, ok := p.open(w, r)
	if !ok {
		return
	}
	name, back, cut := b.target(r.PathValue("what"), restOf(r))
	if cut == nil {
		p.Fail(w, r, notFound())
		return
	}
	if name == "" {
		name = door.T(r, "exporter.remove.unnamed")
	}
	page := removal{name: name, text: door.T(r, "exporter.remove.text"), action: r.URL.Path, back: draftPath(d.ID, back...)}
	page.frame = p.draftFrame(w, r, d, door.T(r, "exporter.remove.title"))
	page.frame.Narrow, page.frame.Back = true, &ui.Link{Text: door.T(r, "exporter.back"), Href: page.back}
	ui.Render(w, r, http.StatusOK, removeView(page, "exporter.remove.title", "exporter.remove.button"))
}

func (p pages) remove(w http.ResponseWriter, r *http.Request) {
	var to []string
	what, rest := r.PathValue("what"), restOf(r)
	d, err := p.change(r, r.PathValue("draft"), func(d *draft) error {
		b, err := p.builder(r.Context(), d)
		if err != nil {
			return err
		}
		_, back, cut := b.target(what, rest)
		if cut == nil {
			to = map[string][]string{"line": {"items"}, "party": {"parties"}, "document": {"documents"}}[what]
			return nil // it is gone already: sent twice
		}
		to = back
		cut()
		return nil
	})
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	ui.SetFlash(w, r, ui.Flash{Key: "exporter.remove.done"})
	seeOther(w, r, draftPath(d.ID, to...))
}

func (p pages) askDiscard(w http.ResponseWriter, r *http.Request) {
	d, _, ok := p.open(w, r)
	if !ok {
		return
	}
	page := removal{name: titleOr(r.Context(), d.app.Title), text: door.T(r, "exporter.discard.text"), action: draftPath(d.ID, "discard"), back: draftPath(d.ID)}
	page.frame = p.draftFrame(w, r, d, door.T(r, "exporter.discard.title"))
	page.frame.Narrow = true
	ui.Render(w, r, http.StatusOK, removeView(page, "exporter.discard.title", "exporter.discard.button"))
}

func (p pages) discard(w http.ResponseWriter, r *http.Request) {
	if err := p.App.DropDraft(r.Context(), door.Actor(r.Context()), r.PathValue("draft")); err != nil && !fault.Is(err, fault.NotFound) {
		p.Fail(w, r, err)
		return
	}
	ui.SetFlash(w, r, ui.Flash{Key: "exporter.discard.done"})
	seeOther(w, r, "/exporter/applications")
}
