package authority

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/web/ui"
)

// useRoutes are the pages of what left under a licence.
func (p *pages) useRoutes(on on) {
	on("GET /licences/{licence}/uses", p.usesPage)
	on("GET /licences/{licence}/uses/{use}", p.usePage)
	on("POST /licences/{licence}/uses/{use}/delivery", p.verifyDelivery)
}

// How many uses the licence's own page shows, and a page of all of them.
const (
	usesShown = 10
	usesPaged = 100
)

// people are the accounts and organisations whose names a licence's pages show.
func (v *licenceView) people() []string {
	ids := []string{v.Org}
	add := func(id string) {
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	for _, h := range v.History {
		add(h.By)
	}
	for _, x := range v.Variations {
		add(x.By)
		add(x.ClosedBy)
	}
	for _, x := range v.Reports {
		add(x.By)
	}
	for _, b := range v.Breaches {
		add(b.By)
	}
	for _, u := range v.Uses {
		add(u.By)
		for _, c := range u.Checks {
			add(c.By)
		}
	}
	return ids
}

// before are the last uses of the first n, the latest first, and how many there
// are before them.
func (v *licenceView) before(n, limit int) (uses []licensing.Use, more int) {
	n = min(max(n, 0), len(v.Uses))
	more = max(0, n-limit)
	uses = slices.Clone(v.Uses[more:n])
	slices.Reverse(uses)
	return uses, more
}

// useOf is the use that the address names.
func (p *pages) useOf(w http.ResponseWriter, r *http.Request) (*licenceView, *licensing.Use, bool) {
	v, ok := p.openLicence(w, r)
	if !ok {
		return nil, nil, false
	}
	u := v.Use(r.PathValue("use"))
	if u == nil {
		p.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
		return nil, nil, false
	}
	return v, u, true
}

func (p *pages) usesPage(w http.ResponseWriter, r *http.Request) {
	v, ok := p.openLicence(w, r)
	if !ok {
		return
	}
	n, err := strconv.Atoi(r.URL.Query().Get("before"))
	if err != nil {
		n = len(v.Uses)
	}
	uses, more := v.before(n, usesPaged)
	pager := ui.Pages{Shown: len(uses)}
	if more > 0 {
		pager.Next = v.href("uses") + "?" + query("before", strconv.Itoa(more))
	}
	if n < len(v.Uses) {
		pager.Prev = v.href("uses")
	}
	frame := p.licenceFrame(w, r, v, ui.T(r.Context(), "deciding.use.title"), ui.FormOf())
	ui.Render(w, r, http.StatusOK, usesView(frame, v, uses, pager))
}

func (p *pages) licenceFrame(w http.ResponseWriter, r *http.Request, v *licenceView, title string, form ui.Form) ui.Frame {
	frame := p.frame(w, r, "licences", title+" · "+v.Reference)
	frame.Crumbs = []ui.Link{{Text: ui.T(r.Context(), "deciding.licences.title"), Href: "/licences"}, {Text: v.Reference, Href: v.base()}, {Text: title}}
	frame.Form = &form
	return frame
}

func (p *pages) usePage(w http.ResponseWriter, r *http.Request) {
	if v, u, ok := p.useOf(w, r); ok {
		p.drawUse(w, r, http.StatusOK, v, u, ui.FormOf())
	}
}

func (p *pages) drawUse(w http.ResponseWriter, r *http.Request, status int, v *licenceView, u *licensing.Use, form ui.Form) {
	frame := p.licenceFrame(w, r, v, useName(r.Context(), *u), form)
	ui.Render(w, r, status, useView(frame, v, *u, form))
}

// verifies tells whether the reader may record what became of a use.
func (v *licenceView) verifies(u licensing.Use) bool {
	return u.Counts() && access.Can(v.Reader, access.LicenceVerify, access.Thing{Kind: "licence", Org: v.Org, Compartment: v.Compartment})
}

func (p *pages) verifyDelivery(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	v, u, ok := p.useOf(w, r)
	if !ok {
		return
	}
	bad := fault.New(fault.Invalid, "assessment.invalid")
	cmd := licensing.VerifyDelivery{
		OnLicence: licensing.OnLicence{Licence: v.ID}, Use: u.ID, Result: licensing.DeliveryResult(r.PostForm.Get("result")), Evidence: strings.TrimSpace(r.PostForm.Get("evidence")),
	}
	cmd.Day = dayOf(r.PostForm, bad)
	if cmd.Result == "" {
		bad.Field("result", "licensing.delivery.result")
	}
	if cmd.Evidence == "" {
		bad.Field("evidence", "licensing.reason.missing")
	}
	p.sendLicence(w, r, v, cmd, bad.Or(), "deciding.use.verified", func(status int, form ui.Form) { p.drawUse(w, r, status, v, u, form) })
}

// dayOf reads the input "day", which must be there.
func dayOf(f url.Values, bad *fault.Error) deadline.Date {
	t, ok := ui.ParseDate(f, "day", bad)
	if ok && t.IsZero() {
		bad.Field("day.day", "ui.date.missing.day")
	}
	if t.IsZero() {
		return ""
	}
	return deadline.DateOf(t, nil)
}

// reachSaid reads what a revocation can still stop, lever by lever.
func reachSaid(f url.Values, bad *fault.Error) []licensing.ReachSaid {
	var out []licensing.ReachSaid
	for _, lever := range licensing.Levers {
		name := "reach." + string(lever)
		s := licensing.ReachSaid{Lever: lever, State: licensing.ReachState(f.Get(name)), How: strings.TrimSpace(f.Get(name + ".how"))}
		switch {
		case s.State == "":
			bad.Field(name, "licensing.reach.missing")
		case s.State != licensing.NotPart && s.How == "":
			bad.Field(name+".how", "licensing.reach.how")
		}
		out = append(out, s)
	}
	return out
}
