// Package gallery shows every part of the pages on pages of its own, for tests
// and for whoever builds a page. It is no door: the program does not serve it.
//
// All names and facts in it are invented.
package gallery

import (
	"net/http"
	"net/url"
	"time"

	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/web/ui"
)

// DemoStates are user-assigned codes with names, as the demonstration has them.
var DemoStates = map[string]string{"XA": "Karsovia", "XB": "Alvania", "XN": "Norland"}

// Handler serves the gallery with everything that a door has around its pages:
// language, security headers, origin check, bounded bodies, assets.
func Handler(cat *lang.Catalogue) (http.Handler, error) {
	mux := http.NewServeMux()
	mux.Handle(ui.StaticPath, ui.Static())
	mux.HandleFunc("GET /parts", func(w http.ResponseWriter, r *http.Request) {
		ui.Render(w, r, http.StatusOK, parts(frame("Parts of pages", ui.TakeFlash(w, r))))
	})
	mux.HandleFunc("GET /case", func(w http.ResponseWriter, r *http.Request) {
		ui.Render(w, r, http.StatusOK, assessment(frame("Assessment", nil)))
	})
	mux.HandleFunc("GET /list", func(w http.ResponseWriter, r *http.Request) {
		f := frame("Work", nil)
		f.Current = "work"
		ui.Render(w, r, http.StatusOK, workList(f, ui.NewForm(r.URL.Query(), nil), r.URL.Query().Get("stage") == "nothing"))
	})
	form := func(w http.ResponseWriter, r *http.Request, status int, f ui.Form) {
		ui.Render(w, r, status, application(exporterFrame(f), f, ui.States(ui.P(r.Context()), DemoStates)))
	}
	mux.HandleFunc("GET /form", func(w http.ResponseWriter, r *http.Request) { form(w, r, http.StatusOK, ui.FormOf()) })
	mux.HandleFunc("POST /form", func(w http.ResponseWriter, r *http.Request) {
		if err := ui.ReadForm(r, 1<<20); err != nil {
			fail(w, r, err)
			return
		}
		if err := check(r.PostForm); err != nil {
			form(w, r, fault.HTTPStatus(err), ui.NewForm(r.PostForm, lang.Fault(ui.P(r.Context()), err)))
			return
		}
		ui.SetFlash(w, r, ui.Flash{Tone: ui.Verified, Key: "ui.clock.done"})
		ui.SeeOther(w, r, "/parts")
	})
	mux.HandleFunc("GET /done", func(w http.ResponseWriter, r *http.Request) {
		ui.Render(w, r, http.StatusOK, done(exporterFrame(ui.FormOf())))
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
	})
	guarded, err := ui.SameOrigin(mux, fail)
	if err != nil {
		return nil, err
	}
	return ui.SecurityHeaders(ui.Localise(ui.LimitBody(guarded, 64<<10), cat, time.UTC, DemoStates)), nil
}

func fail(w http.ResponseWriter, r *http.Request, err error) {
	ui.RenderFault(w, r, ui.Frame{Audience: ui.Public, Home: "/parts"}, err)
}

// check finds what is wrong with the sample form.
func check(v url.Values) error {
	bad := fault.New(fault.Invalid, "fault.bad_request")
	if v.Get("name") == "" {
		bad.Field("name", "ui.summary.empty")
	}
	if v.Get("country") == "" {
		bad.Field("country", "ui.summary.empty")
	}
	if v.Get("kind") == "" {
		bad.Field("kind", "ui.summary.empty")
	}
	ui.ParseDate(v, "needed", bad)
	ui.ParseMoney(v, "value", bad)
	return bad.Or()
}

func exporterFrame(f ui.Form) ui.Frame {
	return ui.Frame{
		Title: "Who will use it?", Audience: ui.Exporter, Node: "Norland Export Control Authority", Demo: true, Form: &f, Narrow: true,
		Nav:     []ui.NavItem{{Key: "home", Href: "/form"}, {Key: "applications", Href: "/form"}, {Key: "licences", Href: "/form"}},
		Current: "applications", Who: &ui.Who{Name: "M. Ilves", Role: "Norland Radio Systems", SignOutHref: "/sign-out"},
		Back: &ui.Link{Text: "Application", Href: "/form"},
	}
}

func frame(title string, flash *ui.Flash) ui.Frame {
	return ui.Frame{
		Title: title, Audience: ui.Authority, Demo: true, FindHref: "/list", Flash: flash,
		Nav: []ui.NavItem{
			{Key: "work", Href: "/list"},
			{Key: "cases", Href: "/case"},
			{Key: "parties", Href: "/parts"},
			{Key: "controls", Href: "/parts"},
			{Key: "policy", Href: "/parts"},
			{Key: "verification", Href: "/parts"},
			{Key: "statistics", Href: "/parts"},
		},
		Current: "cases",
		Who:     &ui.Who{Name: "R. Sorel", Role: "Human-rights adviser", AccountHref: "/parts", SignOutHref: "/sign-out"},
		Crumbs:  []ui.Link{{Text: "Cases", Href: "/list"}, {Text: "Individual licence", Href: "/case"}, {Text: "Version 2 of 11 November 2026"}},
	}
}

func at(day, hour, minute int) time.Time {
	return time.Date(2026, 11, day, hour, minute, 0, 0, time.UTC)
}

func surveillance() ui.Plot {
	values := []float64{0.52, 0.51, 0.515, 0.46, 0.42, 0.35, 0, 0.26, 0.21}
	p := ui.Plot{
		ID: "surv", Title: "Freedom from surveillance, Karsovia, 2016 to 2024",
		Desc:  "The level fell from 0.52 in 2016 to 0.21 in 2024; there is no value for 2022.",
		First: "Year", Unit: "Level, 0 to 1", Min: 0, Max: 0.8, Decimals: 2,
		Note: "Sets the level of scrutiny; decides nothing by itself. The last value is two years old.",
	}
	for i, v := range values {
		pt := ui.Point{Label: time.Date(2016+i, 1, 1, 0, 0, 0, 0, time.UTC).Format("2006"), Value: v, Low: v - 0.06, High: v + 0.07}
		if v == 0 {
			pt = ui.Point{Label: pt.Label, Missing: true}
		}
		p.Points = append(p.Points, pt)
	}
	return p
}

func stages() ui.Plot {
	return ui.Plot{
		ID: "stages", Title: "Open cases by stage", Desc: "Most open cases, 214, are in assessment.", First: "Stage", Unit: "Cases",
		Points: []ui.Point{
			{Label: "Completeness", Value: 58},
			{Label: "Assessment", Value: 214, Marked: true},
			{Label: "Advice", Value: 96},
			{Label: "Decision", Value: 31},
			{Label: "With partners", Missing: true},
		},
		Note: "Counted today. With partners is not counted yet.",
	}
}
