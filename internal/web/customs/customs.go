// Package customs is the door of the border: may this leave, how much is left,
// and whom to call; goods that were stopped, with licensing's answer to them;
// and the messages by which customs' own systems are told of licences and count
// what left. Of a case it shows nothing beyond what a declaration is held
// against.
package customs

import (
	"net/http"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

type pages struct{ *door.Door }

// Routes adds the pages under /customs and /stops.
func Routes(mux *http.ServeMux, d *door.Door) {
	p := pages{d}
	on := func(pattern string, act access.Act, h http.HandlerFunc) {
		mux.Handle(pattern, d.Require(h, rolesOf(act)...))
	}
	on("GET /customs", access.CustomsLook, p.form)
	on("POST /customs", access.CustomsLook, p.lookUp)
	on("POST /customs/messages", access.CustomsUse, p.messages)
	on("GET /customs/notices", access.CustomsUse, p.notices)

	on("GET /stops", access.StopRead, p.stops)
	on("GET /stops/new", access.CustomsStop, p.holdForm)
	on("POST /stops", access.CustomsStop, p.hold)
	on("GET /stops/{stop}", access.StopRead, p.stop)
	on("POST /stops/{stop}/{act}", access.StopRead, p.change)
}

// rolesOf are the roles that may do an act.
func rolesOf(act access.Act) []access.Role {
	var out []access.Role
	for _, r := range access.Roles() {
		if access.Can(access.Actor{Account: "someone", Roles: []access.Role{r}}, act, access.Thing{}) {
			out = append(out, r)
		}
	}
	return out
}

func (p pages) frame(w http.ResponseWriter, r *http.Request, place, title string, form *ui.Form) ui.Frame {
	f := p.Frame(w, r, ui.Authority, title)
	f.Nav, f.Current, f.Form = door.Nav(door.Actor(r.Context())), place, form
	return f
}

// lookPage is the form and, once something was looked up, the answer.
type lookPage struct {
	Form    ui.Form
	Answer  *node.Looked
	Office  string
	Contact string
	Stops   bool // the reader may stop goods
}

func (p pages) form(w http.ResponseWriter, r *http.Request) {
	p.draw(w, r, http.StatusOK, ui.FormOf(), nil)
}

func (p pages) draw(w http.ResponseWriter, r *http.Request, status int, form ui.Form, answer *node.Looked) {
	cfg := p.App.Config()
	page := lookPage{Form: form, Answer: answer, Office: cfg.Title, Contact: cfg.Contact}
	page.Stops = access.Can(door.Actor(r.Context()), access.CustomsStop, access.Thing{})
	ui.Render(w, r, status, lookView(p.frame(w, r, "customs", door.T(r, "customs.title"), &page.Form), page))
}

// lookUp answers a look-up. What was typed travels in the body: an address with
// a name in it would stay in histories and logs.
func (p pages) lookUp(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	f := r.PostForm
	answer, err := p.App.LookUp(r.Context(), door.Actor(r.Context()), node.LookUp{
		By: node.LookBy(f.Get("by")), Text: f.Get("text"), Purpose: node.LookPurpose(f.Get("purpose")), About: f.Get("about"), After: f.Get("after"),
	})
	if err != nil {
		p.Again(w, r, err, func(status int, form ui.Form) { p.draw(w, r, status, form, nil) })
		return
	}
	p.draw(w, r, http.StatusOK, ui.NewForm(f, nil), &answer)
}
