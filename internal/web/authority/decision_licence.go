package authority

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

// licenceRoutes are the licences as the authority's people see them.
func (p *pages) licenceRoutes(mux *http.ServeMux) {
	var readers []access.Role
	for _, r := range access.Roles() {
		if access.Can(access.Actor{Account: "someone", Roles: []access.Role{r}}, access.LicenceRead, access.Thing{}) {
			readers = append(readers, r)
		}
	}
	on := func(pattern string, h http.HandlerFunc) { mux.Handle(pattern, p.Require(h, readers...)) }
	p.useRoutes(on)
	p.dutyRoutes(on)
	p.varyRoutes(on)
	on("GET /licences", p.licences)
	on("GET /licences/{licence}", p.licencePage)
	for _, act := range licenceActs {
		on("GET /licences/{licence}/"+act, func(w http.ResponseWriter, r *http.Request) { p.licenceForm(w, r, act) })
		on("POST /licences/{licence}/"+act, func(w http.ResponseWriter, r *http.Request) { p.changeLicence(w, r, act) })
	}
}

// licenceActs are what can be done to a licence, by the last part of the address.
var licenceActs = []string{"suspend", "reinstate", "revoke"}

// licenceGrounds are the codes of the reasons for suspending and revoking.
var licenceGrounds = []string{"new_facts", "condition", "assurance", "listed", "law", "holder", "other"}

// checksShown is how many checks a licence's page and a case's show.
const checksShown = 20

// licencesShown is how many licences one page of the list holds.
const licencesShown = 50

func (p *pages) licences(w http.ResponseWriter, r *http.Request) {
	actor, q := door.Actor(r.Context()), r.URL.Query()
	want := store.Licences{Scope: access.ScopeOf(actor, access.LicenceRead), Status: q.Get("status"), Limit: licencesShown + 1, Back: q.Get("back") != ""}
	want.At, _ = licencePlace(q.Get("at"))
	var rows []store.LicenceRow
	err := p.App.Store().View(r.Context(), func(t *store.Tx) (err error) {
		rows, err = t.ListLicences(want)
		return err
	})
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	pager := ui.Pages{}
	more := len(rows) > licencesShown
	if more && want.Back {
		rows = rows[1:]
	} else if more {
		rows = rows[:licencesShown]
	}
	if n := len(rows); n > 0 {
		if more || want.Back {
			pager.Next = "/licences?" + query("at", placeOfLicence(rows[n-1]), "status", want.Status)
		}
		if want.At.ID != "" && (more || !want.Back) {
			pager.Prev = "/licences?" + query("at", placeOfLicence(rows[0]), "back", "1", "status", want.Status)
		}
	}
	pager.Shown = len(rows)
	frame := p.frame(w, r, "licences", ui.T(r.Context(), "deciding.licences.title"))
	ui.Render(w, r, http.StatusOK, licencesView(frame, rows, pager, !access.ScopeOf(door.Actor(r.Context()), access.IncidentRead).Empty()))
}

func placeOfLicence(r store.LicenceRow) string {
	return strconv.FormatInt(r.Place().At, 10) + "." + r.ID
}

func licencePlace(s string) (store.CasePlace, bool) {
	at, id, ok := strings.Cut(s, ".")
	n, err := strconv.ParseInt(at, 10, 64)
	if !ok || err != nil || len(id) > 64 {
		return store.CasePlace{}, false
	}
	return store.CasePlace{ID: id, At: n}, true
}

// licenceView is a licence as one reader's page shows it.
type licenceView struct {
	*licensing.Licence
	Version int64
	Reader  access.Actor
	Now     time.Time
	Zone    *time.Location
	Once    string
	Cases   bool // the reader may read the case that it came of
	Checks  []store.CheckRow
	names   map[string]string
}

// Name is a person's or organisation's name by id.
func (v *licenceView) Name(id string) string {
	if n := v.names[id]; n != "" {
		return n
	}
	return id
}

// takes tells whether the reader may do such a thing to the licence now.
func (v *licenceView) takes(act string) bool {
	if !access.Can(v.Reader, access.LicenceChange, access.Thing{Kind: "licence", Org: v.Org, Compartment: v.Compartment}) {
		return false
	}
	for _, t := range licensing.LicenceTable {
		if (t.Command == "licence."+act || t.Command == "undertaking."+act) && slices.Contains(t.From, v.Licence.Now()) {
			return true
		}
	}
	return false
}

// plansChecks tells whether the reader may plan a check of the licence, under
// which something has to have left.
func (v *licenceView) plansChecks() bool {
	return slices.ContainsFunc(v.Uses, licensing.Use.Counts) && access.Can(v.Reader, access.CheckPlan, access.Thing{Kind: "licence", Org: v.Org, Compartment: v.Compartment})
}

// base is the address of its page.
func (v *licenceView) base() string {
	if v.Kind == licensing.KindUndertaking {
		return "/undertakings/" + v.ID
	}
	return "/licences/" + v.ID
}

func (v *licenceView) href(act string) string { return v.base() + "/" + act }

// on names the licence, or the undertaking, for a command.
func (v *licenceView) on() licensing.OnLicence {
	return licensing.OnLicence{Licence: v.ID, Undertaking: v.Kind == licensing.KindUndertaking}
}

func (p *pages) openLicence(w http.ResponseWriter, r *http.Request) (*licenceView, bool) {
	on := licensing.OnLicence{Licence: r.PathValue("licence")}
	on.Undertaking = strings.HasPrefix(r.URL.Path, "/undertakings/")
	v := &licenceView{Licence: &licensing.Licence{}, Reader: door.Actor(r.Context()), Now: p.App.Now(), Once: node.NewID()}
	err := p.App.Store().View(r.Context(), func(t *store.Tx) (err error) {
		if v.Version, err = t.Load(on.Stream(), v.Licence); err != nil {
			return err
		}
		if v.Checks, err = t.ListChecks(store.Checks{Scope: access.ScopeOf(v.Reader, access.CheckRead), Licence: v.ID, Any: true, Limit: checksShown}); err != nil {
			return err
		}
		v.names, err = t.Names(v.people())
		return err
	})
	thing := access.Thing{Kind: "licence", Org: v.Org, Compartment: v.Compartment}
	if err == nil && (v.Version == 0 || !access.Can(v.Reader, access.LicenceRead, thing)) {
		err = fault.New(fault.NotFound, "fault.not_found")
	}
	if err == nil {
		engines, e := p.App.Engines(r.Context())
		if err = e; err == nil {
			v.Zone = engines.Calendar.Location()
		}
	}
	if err != nil {
		p.Fail(w, r, err)
		return nil, false
	}
	v.Cases = access.Can(v.Reader, access.CaseRead, thing)
	return v, true
}

func (p *pages) drawLicence(w http.ResponseWriter, r *http.Request, status int, v *licenceView, form ui.Form, act string) {
	frame := p.frame(w, r, "licences", v.Reference)
	frame.Crumbs = []ui.Link{{Text: ui.T(r.Context(), "deciding.licences.title"), Href: "/licences"}, {Text: v.Reference}}
	frame.Form = &form
	if act != "" {
		ui.Render(w, r, status, licenceFormView(frame, v, form, act))
		return
	}
	ui.Render(w, r, status, licencePageView(frame, v))
}

func (p *pages) licencePage(w http.ResponseWriter, r *http.Request) {
	if v, ok := p.openLicence(w, r); ok {
		p.drawLicence(w, r, http.StatusOK, v, ui.FormOf(), "")
	}
}

func (p *pages) licenceForm(w http.ResponseWriter, r *http.Request, act string) {
	v, ok := p.openLicence(w, r)
	if !ok {
		return
	}
	if !v.takes(act) {
		p.Fail(w, r, fault.New(fault.Blocked, "licensing.licence.status."+string(v.Licence.Now()), "command", act))
		return
	}
	p.drawLicence(w, r, http.StatusOK, v, ui.FormOf(), act)
}

func (p *pages) changeLicence(w http.ResponseWriter, r *http.Request, act string) {
	if !p.ReadForm(w, r) {
		return
	}
	v, ok := p.openLicence(w, r)
	if !ok {
		return
	}
	f := r.PostForm
	on, why := licensing.OnLicence{Licence: v.ID}, strings.TrimSpace(f.Get("why"))
	bad := fault.New(fault.Invalid, "assessment.invalid")
	if why == "" {
		bad.Field("why", "deciding.licence.why_missing")
	}
	if act != "reinstate" && !slices.Contains(licenceGrounds, f.Get("ground")) {
		bad.Field("ground", "deciding.licence.ground_missing")
	}
	var cmd any
	var reach []licensing.ReachSaid
	if act == "revoke" {
		reach = reachSaid(f, bad)
	}
	switch act {
	case "suspend":
		cmd = licensing.Suspend{OnLicence: on, Lines: f["lines"], Ground: f.Get("ground"), Why: why}
	case "reinstate":
		cmd = licensing.Reinstate{OnLicence: on, Why: why}
	default:
		cmd = licensing.Revoke{OnLicence: on, Ground: f.Get("ground"), Why: why, Reach: reach}
	}
	p.sendLicence(w, r, v, cmd, bad.Or(), "deciding.licence.done."+act, func(status int, form ui.Form) { p.drawLicence(w, r, status, v, form, act) })
}

// sendLicence answers a form on a licence with a command, over the version that
// the person saw, and once; a form with something wrong in it is drawn again.
func (p *pages) sendLicence(w http.ResponseWriter, r *http.Request, v *licenceView, cmd any, err error, done string, again func(int, ui.Form)) {
	version, parse := strconv.ParseInt(r.PostForm.Get("seen"), 10, 64)
	once := r.PostForm.Get("once")
	if err == nil && (parse != nil || once == "" || len(once) > 64) {
		err = fault.New(fault.Invalid, "fault.bad_request")
	}
	if err == nil {
		err = p.App.Do(r.Context(), v.Reader, cmd, node.Expect(v.on().Stream(), version), node.Once(once))
	}
	if err != nil {
		p.Again(w, r, err, again)
		return
	}
	ui.SetFlash(w, r, ui.Flash{Key: done})
	ui.SeeOther(w, r, v.base())
}
