package authority

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/party"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

// informedRoutes are the cases that the authority opens by itself, and the
// letters by which exporters are told that a licence is needed.
func (p *pages) informedRoutes(on on) {
	on("GET /cases/new", func(w http.ResponseWriter, r *http.Request) { p.drawOpening(w, r, http.StatusOK, ui.FormOf()) })
	on("POST /cases/new", p.openCase)
	p.caseForms(on, []caseForm{
		{name: "inform", tab: tabOverview, act: access.CaseInform, command: "case.inform", view: informForm, cmd: informCommand, done: "authority.inform.done", where: "overview#informed"},
	})
	on("POST /cases/{case}/informed/{letter}/lift", p.liftInformed)
}

func (p *pages) drawOpening(w http.ResponseWriter, r *http.Request, status int, form ui.Form) {
	if !access.Can(door.Actor(r.Context()), access.CaseOpen, access.Thing{}) {
		p.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
		return
	}
	frame := p.frame(w, r, "cases", ui.T(r.Context(), "authority.open.title"))
	frame.Crumbs = []ui.Link{{Text: ui.T(r.Context(), "authority.cases.title"), Href: "/cases"}, {Text: frame.Title}}
	frame.Form = &form
	ui.Render(w, r, status, openingPage(frame, form, ui.States(ui.P(r.Context()), p.Door.States), node.NewID()))
}

// ownKind is the kind of case that the authority opens by itself.
const ownKind = "informed"

func (p *pages) openCase(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	f := r.PostForm
	get := func(name string) string { return strings.TrimSpace(f.Get(name)) }
	id := get("once")
	app := licensing.Application{
		Kind: ownKind, Title: get("title"), EndUse: licensing.EndUse{Country: get("destination")},
		Lines: []licensing.Line{{ID: "1", Kind: licensing.Goods, Description: get("items"), Tariff: get("tariff")}},
	}
	if app.Lines[0].Tariff != "" {
		app.Lines[0].TariffAsOf = deadline.DateOf(p.App.Now(), nil)
	}
	if name := get("user"); name != "" {
		app.Parties = []party.Party{{ID: "user", Roles: []party.Role{party.EndUser}, Kind: party.Organisation, Country: get("destination"), Names: []party.Name{{Text: name}}}}
	}
	bad := fault.New(fault.Invalid, "assessment.invalid")
	for name, key := range map[string]string{"title": "licensing.missing.title", "items": "licensing.missing.line.description", "why": "licensing.reason.missing", "destination": "licensing.missing.party.country"} {
		if get(name) == "" {
			bad.Field(name, key)
		}
	}
	err := bad.Or()
	if err == nil && (id == "" || len(id) > 64) {
		err = fault.New(fault.Invalid, "fault.bad_request")
	}
	if err == nil {
		err = p.App.Do(r.Context(), door.Actor(r.Context()), licensing.Open{On: licensing.On{Case: id}, Application: app, Why: get("why")}, node.Once(id))
	}
	if err != nil {
		p.Again(w, r, err, func(status int, form ui.Form) { p.drawOpening(w, r, status, form) })
		return
	}
	ui.SetFlash(w, r, ui.Flash{Key: "authority.open.done"})
	ui.SeeOther(w, r, caseHref(id, ""))
}

// linesIn are the lines of a text that hold something.
func linesIn(text string) []string {
	var out []string
	for _, s := range strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' || r == ';' }) {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// toAll is the choice of a letter to every exporter.
const toAll = "all"

func informCommand(p *pages, s *sheet, r *http.Request) (any, error) {
	f := r.PostForm
	bad := fault.New(fault.Invalid, "licensing.informed.invalid")
	c := licensing.Inform{
		On: licensing.On{Case: s.ID()}, Letter: node.NewID(), Basis: strings.TrimSpace(f.Get("basis")), Items: strings.TrimSpace(f.Get("items")),
		Users: linesIn(f.Get("users")), Tariffs: linesIn(f.Get("tariffs")), Destination: f.Get("destination"), Text: strings.TrimSpace(f.Get("text")), Until: dayIn(f, "until", bad),
	}
	switch name := strings.TrimSpace(f.Get("org")); {
	case f.Get("to") == toAll:
	case f.Get("to") != "one":
		bad.Field("to", "authority.inform.to_missing")
	case s.Case.Org != "":
		c.Org = s.Case.Org
	default:
		err := p.App.Store().View(r.Context(), func(t *store.Tx) error {
			id, found, err := t.OrgNamed(name)
			if c.Org = id; err == nil && (!found || name == "") {
				bad.Field("org", "licensing.informed.other")
			}
			return err
		})
		if err != nil {
			return nil, fault.Wrap(err, "authority: exporter")
		}
	}
	return c, bad.Or()
}

// informing is the form as it is offered at first: what the case knows already.
func informing(s *sheet, form ui.Form) ui.Form {
	if form.Value("seen.case") != "" || form.Failed() {
		return form
	}
	v, app := url.Values{}, s.Case.App()
	var items, tariffs, users []string
	for _, l := range app.Lines {
		items = append(items, l.Description)
		if l.Tariff != "" && !slices.Contains(tariffs, l.Tariff) {
			tariffs = append(tariffs, l.Tariff)
		}
	}
	if user, ok := app.EndUser(); ok {
		for _, n := range user.Names {
			users = append(users, n.Text)
		}
	}
	v.Set("items", strings.Join(items, "\n"))
	v.Set("tariffs", strings.Join(tariffs, "\n"))
	v.Set("users", strings.Join(users, "\n"))
	v.Set("destination", app.EndUse.Country)
	return ui.NewForm(v, nil)
}

func (p *pages) liftInformed(w http.ResponseWriter, r *http.Request) {
	v, ok := p.answering(w, r)
	if !ok {
		return
	}
	letter := r.PathValue("letter")
	cmd := licensing.LiftInformed{On: licensing.On{Case: v.ID()}, Letter: letter, Why: strings.TrimSpace(r.PostForm.Get("lift." + letter))}
	opts, err := seenBy(r.PostForm, v.ID(), cmd)
	if err == nil {
		err = p.App.Do(r.Context(), v.Reader, cmd, opts...)
	}
	if err != nil {
		p.refuse(w, r, v, door.Renamed(err, "why", "lift."+letter), p.again(w, r))
		return
	}
	ui.SetFlash(w, r, ui.Flash{Key: "authority.inform.lifted"})
	ui.SeeOther(w, r, v.href("overview#informed"))
}
