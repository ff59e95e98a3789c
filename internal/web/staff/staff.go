// Package staff is the door to what a node keeps about itself: its people and
// organisations, the record of what happened, and erasures. Every page asks
// access; what somebody may not see answers as if it did not exist.
package staff

import (
	"net/http"
	"strings"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

type pages struct{ *door.Door }

// pageSize is how many rows a list shows at once.
const pageSize = 30

// Routes adds the pages.
func Routes(mux *http.ServeMux, d *door.Door) {
	p := pages{d}
	page := func(pattern string, act access.Act, f http.HandlerFunc) {
		mux.Handle(pattern, d.Require(p.may(act, f), access.Roles()...))
	}
	page("GET /people", access.AccountRead, p.people)
	page("GET /people/new", access.AccountManage, p.newAccountPage)
	page("POST /people/new", access.AccountManage, p.newAccount)
	page("GET /people/{id}", access.AccountRead, p.account)
	page("POST /people/{id}/roles", access.AccountManage, p.changeRoles)
	page("POST /people/{id}/status", access.AccountManage, p.changeStatus)
	page("POST /people/{id}/password", access.AccountManage, p.setPassword)
	page("GET /people/programs", access.AccountRead, p.programs)
	page("POST /people/programs", access.AccountManage, p.openProgram)
	page("GET /people/programs/{id}", access.AccountRead, p.program)
	page("POST /people/programs/{id}/end", access.AccountManage, p.endProgram)
	page("GET /people/orgs", access.OrgRead, p.orgs)
	page("GET /people/orgs/new", access.OrgManage, p.newOrgPage)
	page("POST /people/orgs/new", access.OrgManage, p.newOrg)
	page("GET /people/orgs/{id}", access.OrgRead, p.org)
	page("POST /people/orgs/{id}/settle", access.OrgActivate, p.settle)

	page("GET /exporter/people", access.AccountOpenOrg, p.colleagues)
	page("POST /exporter/people", access.AccountOpenOrg, p.openColleague)
	page("GET /exporter/programs", access.AccountOpenOrg, p.programs)
	page("POST /exporter/programs", access.AccountOpenOrg, p.openProgram)
	page("GET /exporter/programs/{id}", access.AccountOpenOrg, p.program)
	page("POST /exporter/programs/{id}/end", access.AccountOpenOrg, p.endProgram)

	mux.HandleFunc("GET /record/key", p.recordKey)
	page("GET /record", access.LedgerRead, p.record)
	page("POST /record/verify", access.LedgerRead, p.askVerification)
	page("GET /record/{seq}", access.LedgerRead, p.entry)
	page("GET /record/{seq}/proof.json", access.LedgerRead, p.proof)

	page("GET /erase", access.Erase, p.erasures)
	page("GET /erase/due", access.Erase, p.overdue)
	page("GET /erase/new", access.Erase, p.chooseErasure)
	page("POST /erase/new", access.Erase, p.considerErasure)
	page("POST /erase/confirm", access.Erase, p.erase)
	page("GET /erase/done", access.Erase, p.erased)
}

// may lets in who may do the act to something. What they may do to the one
// thing of the page, the node asks again.
func (p pages) may(act access.Act, next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		actor := door.Actor(r.Context())
		if access.ScopeOf(actor, act).Empty() || actor.Has(access.ExporterUser) != exporters(act) {
			p.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
			return
		}
		next(w, r)
	})
}

// exporters tells whether a page is an exporter's: the two sides of the counter
// have pages of their own, even where an act is allowed on both.
func exporters(act access.Act) bool { return act == access.AccountOpenOrg }

// frame is the frame of an authority page with its bar.
func (p pages) frame(w http.ResponseWriter, r *http.Request, current, title string) ui.Frame {
	f := p.Frame(w, r, ui.Authority, title)
	f.Nav, f.Current = door.Nav(door.Actor(r.Context())), current
	return f
}

// words splits what was typed as a list: by commas and blanks.
func words(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\r' || r == '\t' })
}
