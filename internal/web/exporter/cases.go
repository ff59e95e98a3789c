package exporter

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

// casePage is a page about a submitted application.
type casePage struct {
	frame   ui.Frame
	view    licensing.ApplicantView
	version int64 // of the case's stream: what this page has seen
	form    ui.Form
	once    string
	now     time.Time
	b       *builder
	shown   licensing.Version
	request licensing.RFI
	files   []licensing.Document // received for an answer that was not sent yet
	max     int64
	home    string // where an answer leads back to; empty: the case
	letter  templ.Component
	sent    sent

	contests []contest // what can be contested still
	contest  contest   // that an appeal is written against
}

// view reads what the applicant may see of a case. It answers the request
// itself where there is nothing to see.
func (p pages) view(w http.ResponseWriter, r *http.Request) (casePage, bool) {
	view, version, err := p.App.Application(r.Context(), door.Actor(r.Context()), r.PathValue("case"))
	if err != nil {
		p.Fail(w, r, err)
		return casePage{}, false
	}
	page := casePage{view: view, version: version, once: node.NewID(), now: p.App.Now(), max: p.limit()}
	return page, true
}

// caseFrame is the frame of a page beneath a case.
func (p pages) caseFrame(w http.ResponseWriter, r *http.Request, page *casePage, title string) {
	page.frame = p.frame(w, r, title, "applications")
	page.frame.Form = &page.form
	page.frame.Back = &ui.Link{Text: door.T(r, "exporter.case.back", "reference", page.view.Reference), Href: casePath(page.view.ID)}
}

// latest is the application as last submitted.
func latest(v licensing.ApplicantView) licensing.Application {
	if len(v.Versions) == 0 {
		return licensing.Application{}
	}
	return v.Versions[len(v.Versions)-1].App
}

func (p pages) standing(w http.ResponseWriter, r *http.Request) {
	if page, ok := p.view(w, r); ok {
		p.drawStanding(w, r, http.StatusOK, page, ui.FormOf())
	}
}

func (p pages) drawStanding(w http.ResponseWriter, r *http.Request, status int, page casePage, form ui.Form) {
	app := latest(page.view)
	d := &draft{app: app}
	b, err := p.builder(r.Context(), d)
	if err == nil {
		page.contests, err = p.contests(r.Context(), page.view, nil)
	}
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	page.b, page.form = b, form
	title := titleOr(r.Context(), app.Title)
	page.frame = p.frame(w, r, title, "applications")
	page.frame.Form = &page.form
	page.frame.Crumbs = []ui.Link{{Text: door.T(r, "exporter.applications.title"), Href: "/exporter/applications"}, {Text: page.view.Reference}}
	ui.Render(w, r, status, standingView(page))
}

func (p pages) version(w http.ResponseWriter, r *http.Request) {
	page, ok := p.view(w, r)
	if !ok {
		return
	}
	n, err := strconv.Atoi(r.PathValue("version"))
	if err != nil || n < 1 || n > len(page.view.Versions) {
		p.Fail(w, r, notFound())
		return
	}
	page.shown = page.view.Versions[n-1]
	d := &draft{app: page.shown.App}
	d.Case = page.view.ID
	if page.b, err = p.builder(r.Context(), d); err != nil {
		p.Fail(w, r, err)
		return
	}
	p.caseFrame(w, r, &page, door.T(r, "exporter.version.title", "number", n))
	ui.Render(w, r, http.StatusOK, versionView(page))
}

// -- withdrawing

func (p pages) askWithdraw(w http.ResponseWriter, r *http.Request) {
	page, ok := p.view(w, r)
	if !ok {
		return
	}
	p.drawWithdraw(w, r, http.StatusOK, page, ui.FormOf())
}

func (p pages) drawWithdraw(w http.ResponseWriter, r *http.Request, status int, page casePage, form ui.Form) {
	page.form = form
	p.caseFrame(w, r, &page, door.T(r, "exporter.withdraw.title"))
	page.frame.Narrow = true
	ui.Render(w, r, status, withdrawView(page))
}

func (p pages) withdraw(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	page, ok := p.view(w, r)
	if !ok {
		return
	}
	cmd := licensing.Withdraw{On: licensing.On{Case: page.view.ID}, Why: strings.TrimSpace(r.PostForm.Get("why"))}
	if err := p.App.Do(r.Context(), door.Actor(r.Context()), cmd, onceOf(r)...); err != nil {
		p.blockedHere(w, r, err, func(status int, form ui.Form) { p.drawWithdraw(w, r, status, page, form) })
		return
	}
	ui.SetFlash(w, r, ui.Flash{Key: "exporter.withdraw.done"})
	seeOther(w, r, casePath(page.view.ID))
}
