package authority

import (
	"net/http"
	"strings"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

// dutyRoutes are the pages of what holders have to report under their licences.
func (p *pages) dutyRoutes(on on) {
	on("GET /licences/duties", p.dutiesPage)
	for _, of := range []string{"/licences", "/undertakings"} {
		on("GET "+of+"/{licence}/duties/{condition}", p.dutyPage)
		on("POST "+of+"/{licence}/duties/{condition}/review", p.reviewDuty)
		on("POST "+of+"/{licence}/duties/{condition}/breach", p.findBreach)
	}
	on("GET /undertakings/{licence}", p.undertakingPage)
	on("POST /undertakings/{licence}/release", p.releaseUndertaking)
}

// dutiesPaged is how many duties a page shows.
const dutiesPaged = 50

// dutiesView is a list of duties: reports that wait to be looked at, or those
// that are overdue.
type dutiesView struct {
	Waiting bool
	Duties  []store.LicenceDuty
	Pages   ui.Pages
	Today   string
}

func (p *pages) dutiesPage(w http.ResponseWriter, r *http.Request) {
	actor, q := door.Actor(r.Context()), r.URL.Query()
	scope := access.ScopeOf(actor, access.LicenceRead)
	if scope.Empty() {
		p.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
		return
	}
	e, err := p.App.Engines(r.Context())
	if err != nil {
		p.Fail(w, r, fault.New(fault.Unavailable, "fault.busy").Because(err))
		return
	}
	v := dutiesView{Waiting: q.Get("show") != "overdue", Today: string(e.Calendar.Day(p.App.Now()))}
	ask := store.LicenceDuties{Scope: scope, State: "waiting", AfterDue: q.Get("due"), AfterID: q.Get("after"), Limit: dutiesPaged + 1}
	show := "waiting"
	if !v.Waiting {
		show = "overdue"
		ask.State, ask.By = "open", string(e.Calendar.Day(p.App.Now().AddDate(0, 0, -1)))
	}
	if err := p.App.Store().View(r.Context(), func(t *store.Tx) (err error) {
		v.Duties, err = t.LicenceDuties(ask)
		return err
	}); err != nil {
		p.Fail(w, r, fault.Wrap(err, "authority: duties"))
		return
	}
	if len(v.Duties) > dutiesPaged {
		v.Duties = v.Duties[:dutiesPaged]
		last := v.Duties[dutiesPaged-1]
		v.Pages.Next = "/licences/duties?" + query("show", show, "due", last.Due, "after", last.ID)
	}
	v.Pages.Shown = len(v.Duties)
	if ask.AfterID != "" {
		v.Pages.Prev = "/licences/duties?" + query("show", show)
	}
	frame := p.frame(w, r, "licences", ui.T(r.Context(), "deciding.duties.title"))
	frame.Crumbs = []ui.Link{{Text: ui.T(r.Context(), "deciding.licences.title"), Href: "/licences"}, {Text: ui.T(r.Context(), "deciding.duties.title")}}
	ui.Render(w, r, http.StatusOK, dutiesListView(frame, v))
}

// conditionOf is the condition that the address names.
func (p *pages) conditionOf(w http.ResponseWriter, r *http.Request) (*licenceView, *licensing.Condition, bool) {
	v, ok := p.openLicence(w, r)
	if !ok {
		return nil, nil, false
	}
	c := v.Condition(r.PathValue("condition"))
	if c == nil {
		p.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
		return nil, nil, false
	}
	return v, c, true
}

func (p *pages) dutyPage(w http.ResponseWriter, r *http.Request) {
	if v, c, ok := p.conditionOf(w, r); ok {
		p.drawDuty(w, r, http.StatusOK, v, c, "", ui.FormOf())
	}
}

// drawDuty draws a condition's page; which names the form that came back.
func (p *pages) drawDuty(w http.ResponseWriter, r *http.Request, status int, v *licenceView, c *licensing.Condition, which string, form ui.Form) {
	frame := p.licenceFrame(w, r, v, ui.T(r.Context(), "deciding.duties.one"), form)
	review, breach := ui.FormOf(), ui.FormOf()
	switch which {
	case "review":
		review = form
	case "breach":
		breach = form
	}
	ui.Render(w, r, status, dutyView(frame, v, c, form, review, breach))
}

// reviews tells whether the reader may say what became of a duty.
func (v *licenceView) reviews() bool {
	return access.Can(v.Reader, access.LicenceVerify, access.Thing{Kind: "licence", Org: v.Org, Compartment: v.Compartment})
}

func (p *pages) reviewDuty(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	v, c, ok := p.conditionOf(w, r)
	if !ok {
		return
	}
	f, bad := r.PostForm, fault.New(fault.Invalid, "assessment.invalid")
	cmd := licensing.ReviewDuty{OnLicence: v.on(), Condition: c.ID, Result: licensing.DutyResult(f.Get("result")), Why: strings.TrimSpace(f.Get("review_why"))}
	if waits := v.Waiting(c.ID); waits != nil {
		cmd.Number = waits.Number
	}
	if cmd.Result == "" {
		bad.Field("result", "licensing.duty.result")
	}
	if cmd.Why == "" {
		bad.Field("review_why", "licensing.reason.missing")
	}
	p.sendLicence(w, r, v, cmd, bad.Or(), "deciding.duties.reviewed", func(status int, form ui.Form) { p.drawDuty(w, r, status, v, c, "review", form) })
}

func (p *pages) findBreach(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	v, c, ok := p.conditionOf(w, r)
	if !ok {
		return
	}
	bad := fault.New(fault.Invalid, "assessment.invalid")
	cmd := licensing.FindBreach{OnLicence: v.on(), Condition: c.ID, Why: strings.TrimSpace(r.PostForm.Get("breach_why"))}
	if cmd.Why == "" {
		bad.Field("breach_why", "licensing.reason.missing")
	}
	p.sendLicence(w, r, v, cmd, bad.Or(), "deciding.duties.breach_recorded", func(status int, form ui.Form) { p.drawDuty(w, r, status, v, c, "breach", form) })
}

func (p *pages) undertakingPage(w http.ResponseWriter, r *http.Request) {
	if v, ok := p.openLicence(w, r); ok {
		p.drawUndertaking(w, r, http.StatusOK, v, ui.FormOf())
	}
}

func (p *pages) drawUndertaking(w http.ResponseWriter, r *http.Request, status int, v *licenceView, form ui.Form) {
	ui.Render(w, r, status, undertakingView(p.licenceFrame(w, r, v, ui.T(r.Context(), "deciding.undertaking.title"), form), v, form))
}

func (p *pages) releaseUndertaking(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	v, ok := p.openLicence(w, r)
	if !ok {
		return
	}
	bad, cmd := fault.New(fault.Invalid, "assessment.invalid"), licensing.Release{OnLicence: v.on(), Why: strings.TrimSpace(r.PostForm.Get("why"))}
	if cmd.Why == "" {
		bad.Field("why", "deciding.licence.why_missing")
	}
	p.sendLicence(w, r, v, cmd, bad.Or(), "deciding.undertaking.released", func(status int, form ui.Form) { p.drawUndertaking(w, r, status, v, form) })
}
