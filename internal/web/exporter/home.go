package exporter

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

// Rows on the home page, and on a page of a list.
const (
	homeRows = 5
	pageRows = 25
)

type homePage struct {
	frame        ui.Frame
	drafts       []node.Draft
	applications []store.ApplicationRow
	licences     []store.HeldLicence
	turns        int
	informed     []store.InformedRow // a licence is needed, though no list says so
	now          time.Time
}

func (p pages) home(w http.ResponseWriter, r *http.Request) {
	ctx, actor := r.Context(), door.Actor(r.Context())
	page := homePage{now: p.App.Now()}
	var err error
	if page.drafts, err = p.applicationDrafts(ctx, actor); err != nil {
		p.Fail(w, r, err)
		return
	}
	err = p.App.Store().View(ctx, func(t *store.Tx) (err error) {
		if page.applications, err = t.ListApplications(store.Applications{Scope: access.ScopeOf(actor, access.ApplicationRead), Limit: homeRows}); err != nil {
			return err
		}
		page.licences, err = t.ListHeldLicences(store.HeldLicences{Scope: access.ScopeOf(actor, access.LicenceReadOwn), Limit: homeRows})
		return err
	})
	if err != nil {
		p.Fail(w, r, fault.Wrap(err, "exporter: home"))
		return
	}
	if page.informed, err = p.App.InformedOf(ctx, actor); err != nil {
		p.Fail(w, r, err)
		return
	}
	if len(page.drafts) > homeRows {
		page.drafts = page.drafts[:homeRows]
	}
	for _, a := range page.applications {
		if a.Turn {
			page.turns++
		}
	}
	page.frame = p.frame(w, r, door.T(r, "exporter.home.title"), "home")
	ui.Render(w, r, http.StatusOK, homeView(page))
}

// applicationDrafts are the drafts of applications and amendments; answers that
// are being written are found where they are asked for.
func (p pages) applicationDrafts(ctx context.Context, actor access.Actor) ([]node.Draft, error) {
	all, err := p.App.Drafts(ctx, actor)
	var out []node.Draft
	for _, d := range all {
		if d.Kind == newApplication || d.Kind == anAmendment {
			out = append(out, d)
		}
	}
	return out, err
}

type listPage struct {
	frame        ui.Frame
	drafts       []node.Draft
	applications []store.ApplicationRow
	licences     []store.HeldLicence
	find         string
	pages        ui.Pages
	first        bool
	now          time.Time
}

func (p pages) applications(w http.ResponseWriter, r *http.Request) {
	ctx, actor := r.Context(), door.Actor(r.Context())
	page := listPage{now: p.App.Now(), find: bounded(r.URL.Query().Get("q"))}
	after := r.URL.Query().Get("after")
	page.first = after == "" && page.find == ""
	var err error
	if page.first {
		if page.drafts, err = p.applicationDrafts(ctx, actor); err != nil {
			p.Fail(w, r, err)
			return
		}
	}
	err = p.App.Store().View(ctx, func(t *store.Tx) (err error) {
		page.applications, err = t.ListApplications(store.Applications{Scope: access.ScopeOf(actor, access.ApplicationRead), Find: page.find, After: after, Limit: pageRows + 1})
		return err
	})
	if err != nil {
		p.Fail(w, r, fault.Wrap(err, "exporter: applications"))
		return
	}
	more := len(page.applications) > pageRows
	if more {
		page.applications = page.applications[:pageRows]
		page.pages.Next = listPath("/exporter/applications", page.find, page.applications[pageRows-1].ID)
	}
	if after != "" {
		page.pages.Prev = listPath("/exporter/applications", page.find, "")
	}
	page.pages.Shown = len(page.applications)
	page.frame = p.frame(w, r, door.T(r, "exporter.applications.title"), "applications")
	ui.Render(w, r, http.StatusOK, applicationsView(page))
}

func listPath(to, find, after string) string {
	v := url.Values{}
	if find != "" {
		v.Set("q", find)
	}
	if after != "" {
		v.Set("after", after)
	}
	if len(v) == 0 {
		return to
	}
	return to + "?" + v.Encode()
}

func bounded(s string) string {
	if r := []rune(strings.TrimSpace(s)); len(r) > 100 {
		return string(r[:100])
	}
	return strings.TrimSpace(s)
}

func (p pages) licences(w http.ResponseWriter, r *http.Request) {
	actor := door.Actor(r.Context())
	after := r.URL.Query().Get("after")
	page := listPage{now: p.App.Now()}
	err := p.App.Store().View(r.Context(), func(t *store.Tx) (err error) {
		page.licences, err = t.ListHeldLicences(store.HeldLicences{Scope: access.ScopeOf(actor, access.LicenceReadOwn), After: after, Limit: pageRows + 1})
		return err
	})
	if err != nil {
		p.Fail(w, r, fault.Wrap(err, "exporter: licences"))
		return
	}
	if len(page.licences) > pageRows {
		page.licences = page.licences[:pageRows]
		page.pages.Next = listPath("/exporter/licences", "", page.licences[pageRows-1].ID)
	}
	if after != "" {
		page.pages.Prev = "/exporter/licences"
	}
	page.pages.Shown = len(page.licences)
	page.frame = p.frame(w, r, door.T(r, "exporter.licences.title"), "licences")
	ui.Render(w, r, http.StatusOK, licencesView(page))
}

// statusOf is what a licence is worth today: its row knows what was done to it,
// the calendar what day it is.
func statusOf(l store.HeldLicence, now time.Time, zone *time.Location) string {
	day := now.In(zone).Format(time.DateOnly)
	switch {
	case l.Status == "revoked":
		return "revoked"
	case day > l.Until:
		return "expired"
	case l.Status == "valid" && day < l.From:
		return "not_yet_valid"
	}
	return l.Status
}

func licenceChip(ctx context.Context, l store.HeldLicence, now time.Time) (ui.Tone, string) {
	p := lang.From(ctx)
	s := statusOf(l, now, p.Zone())
	tone := ui.Plain
	switch s {
	case "suspended", "restricted":
		tone = ui.Needs
	case "revoked":
		tone = ui.Bad
	}
	return tone, p.T("exporter.licence_status." + s)
}

// standingChip says where an application stands, for its applicant.
func standingChip(ctx context.Context, standing, outcome string, turn bool) (ui.Tone, string) {
	p := lang.From(ctx)
	switch {
	case standing == "decided" && outcome != "":
		tone := ui.Plain
		if outcome == "refused" {
			tone = ui.Bad
		}
		return tone, p.T("exporter.outcome." + outcome)
	case turn:
		return ui.Needs, p.T("exporter.standing.your_turn")
	}
	return ui.Plain, p.T("exporter.standing." + standing)
}
