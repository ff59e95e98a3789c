package staff

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

func (p pages) erasures(w http.ResponseWriter, r *http.Request) {
	before, _ := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64)
	rows, err := p.App.Erasures(r.Context(), door.Actor(r.Context()), before, pageSize+1)
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	pager := ui.Pages{}
	if len(rows) > pageSize {
		rows = rows[:pageSize]
		pager.Next = "/erase?before=" + strconv.FormatInt(rows[pageSize-1].Seq, 10)
	}
	if before > 0 {
		pager.Prev = "/erase"
	}
	pager.Shown = len(rows)
	ui.Render(w, r, http.StatusOK, erasuresView(p.frame(w, r, "erase", door.T(r, "staff.erase.title")), rows, pager))
}

// overdue lists natural persons whose details should have gone, each with the way
// to erase them.
func (p pages) overdue(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	rows, err := p.App.Overdue(r.Context(), door.Actor(r.Context()), q.Get("until"), q.Get("after"), pageSize+1)
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	pager := ui.Pages{}
	if len(rows) > pageSize {
		rows = rows[:pageSize]
		last := rows[pageSize-1]
		pager.Next = "/erase/due?" + url.Values{"until": {last.Until}, "after": {last.Place}}.Encode()
	}
	if q.Get("after") != "" {
		pager.Prev = "/erase/due"
	}
	pager.Shown = len(rows)
	frame := p.frame(w, r, "erase", door.T(r, "staff.due.title"))
	frame.Back = &ui.Link{Text: door.T(r, "staff.erase.title"), Href: "/erase"}
	ui.Render(w, r, http.StatusOK, overdueView(frame, rows, pager, func(row store.OverdueRow) string { return erasureForm(r, row) }))
}

// erasureForm is the form that erases a person's details under the rule of their
// retention date; what it would do is shown before anything is done.
func erasureForm(r *http.Request, row store.OverdueRow) string {
	return "/erase/new?" + url.Values{"kind": {"party"}, "which": {row.Owner}, "rule": {door.T(r, "staff.due.rule", "day", row.Until)}}.Encode()
}

func (p pages) chooseErasure(w http.ResponseWriter, r *http.Request) {
	p.drawChoice(w, r, http.StatusOK, ui.NewForm(r.URL.Query(), nil))
}

func (p pages) drawChoice(w http.ResponseWriter, r *http.Request, status int, form ui.Form) {
	frame := p.frame(w, r, "erase", door.T(r, "staff.erase.new"))
	frame.Form, frame.Narrow = &form, true
	frame.Back = &ui.Link{Text: door.T(r, "staff.erase.title"), Href: "/erase"}
	ui.Render(w, r, status, chooseErasureView(frame, form))
}

// considerErasure says what an erasure would do; nothing is done yet.
func (p pages) considerErasure(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	v := r.PostForm
	again := func(err error) {
		p.Again(w, r, err, func(status int, f ui.Form) { p.drawChoice(w, r, status, f) })
	}
	if v.Get("back") != "" {
		p.drawChoice(w, r, http.StatusOK, ui.NewForm(v, nil))
		return
	}
	what, err := p.App.ErasureOf(r.Context(), door.Actor(r.Context()), v.Get("kind"), v.Get("which"))
	if err == nil {
		err = node.Erase{What: what.What, Rule: v.Get("rule")}.Check()
	}
	if err != nil {
		again(err)
		return
	}
	frame := p.frame(w, r, "erase", door.T(r, "staff.erase.confirm"))
	ui.Render(w, r, http.StatusOK, confirmErasureView(frame, ui.NewForm(v, nil), what))
}

func (p pages) erase(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	v := r.PostForm
	what := event.Stream(v.Get("what"))
	if err := p.App.Do(r.Context(), door.Actor(r.Context()), node.Erase{What: what, Rule: v.Get("rule")}); err != nil {
		p.Again(w, r, err, func(status int, f ui.Form) { p.drawChoice(w, r, status, f) })
		return
	}
	ui.SeeOther(w, r, "/erase/done?"+url.Values{"what": {string(what)}}.Encode())
}

func (p pages) erased(w http.ResponseWriter, r *http.Request) {
	what := event.Stream(r.URL.Query().Get("what"))
	var gone event.Erasure
	var there bool
	err := p.App.Store().View(r.Context(), func(tx *store.Tx) error {
		gone, there = tx.Erased(what)
		return nil
	})
	if err == nil && !there {
		err = fault.New(fault.NotFound, "fault.not_found")
	}
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	frame := p.frame(w, r, "erase", door.T(r, "staff.erase.done"))
	ui.Render(w, r, http.StatusOK, erasedView(frame, what, gone, p.App.GoneFromBackups(gone.Time)))
}
