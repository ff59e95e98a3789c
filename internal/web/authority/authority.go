// Package authority is the door of the authority's people: the work list, the
// case page with its tabs, the register of parties, and finding things.
//
// A case page is made in three steps, the same for every tab:
//
//	v, ok := p.open(w, r)                    // load the case, or answer "not found"
//	...                                      // read what the tab needs besides
//	p.draw(w, r, 200, v, tabItems, ui.FormOf(), itemsView(v, ...))
//
// and a form on it is answered by p.send, which runs the command once, over the
// versions that the person saw, and draws the tab again with everything that
// was typed where the command is refused. Forms carry those versions by
// @formState(v).
package authority

import (
	"net/http"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

// pages are the handlers of this door.
type pages struct{ *door.Door }

// on registers a handler for the door's people.
type on func(pattern string, h http.HandlerFunc)

// Routes puts the door's pages under /work, /cases, /parties and /find.
func Routes(mux *http.ServeMux, d *door.Door) {
	p := &pages{d}
	people := readers()
	route := func(pattern string, h http.HandlerFunc) { mux.Handle(pattern, d.Require(h, people...)) }
	p.workRoutes(route)
	p.caseRoutes(route)
	p.besideRoutes(route)
	p.registerRoutes(route)
	p.assessmentRoutes(route)
	p.writtenRoutes(route)
	p.assuranceRoutes(route)
	p.adviceRoutes(route)
	p.decisionRoutes(route)
	p.informedRoutes(route)
	p.interestRoutes(route)
	p.toldRoutes(route)
	p.procedureRoutes(route)
	p.denialRoutes(route)
	p.certificateRoutes(route)
	p.appealRoutes(route)
	p.licenceRoutes(mux)
}

// readers are the roles that may read cases.
func readers() []access.Role {
	var out []access.Role
	for _, r := range access.Roles() {
		if access.Can(access.Actor{Account: "someone", Roles: []access.Role{r}}, access.CaseRead, access.Thing{}) {
			out = append(out, r)
		}
	}
	return out
}

// frame is the frame of this door's pages; place is the key of the place in the
// bar.
func (p *pages) frame(w http.ResponseWriter, r *http.Request, place, title string) ui.Frame {
	f := p.Frame(w, r, ui.Authority, title)
	actor := door.Actor(r.Context())
	f.Nav, f.Current = door.Nav(actor), place
	if !access.ScopeOf(actor, access.CaseRead).Empty() {
		f.FindHref = "/find"
	}
	return f
}
