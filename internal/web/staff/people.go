package staff

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

func (p pages) people(w http.ResponseWriter, r *http.Request) {
	actor, q := door.Actor(r.Context()), r.URL.Query()
	page, err := p.App.Accounts(r.Context(), actor, access.AccountRead, store.People{
		Org: q.Get("org"), Status: q.Get("status"), Find: q.Get("q"), After: q.Get("after"), Limit: pageSize,
	})
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	orgs, more, err := p.App.Orgs(r.Context(), actor, store.People{Limit: orgChoices})
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	pending, err := p.App.PendingOrgs(r.Context())
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	v := peopleList{
		Page: page, Form: ui.NewForm(q, nil), Orgs: orgs, MoreOrgs: more != "", Pending: int(pending),
		Manage: access.Can(actor, access.AccountManage, access.Thing{}),
		Pages:  turn(r, page.Next, len(page.Accounts)),
	}
	ui.Render(w, r, http.StatusOK, peopleView(p.frame(w, r, "people", door.T(r, "staff.people.title")), v))
}

// orgChoices bounds the organisations offered in a list to choose from; beyond
// it they are looked for on their own page.
const orgChoices = 150

// turn is where a list's pages lead: on after an id, and back to its beginning.
func turn(r *http.Request, next string, shown int) ui.Pages {
	q := r.URL.Query()
	out := ui.Pages{Shown: shown}
	if q.Get("after") != "" {
		q.Del("after")
		out.Prev = (&url.URL{Path: r.URL.Path, RawQuery: q.Encode()}).String()
	}
	if next != "" {
		q.Set("after", next)
		out.Next = (&url.URL{Path: r.URL.Path, RawQuery: q.Encode()}).String()
	}
	return out
}

func (p pages) newAccountPage(w http.ResponseWriter, r *http.Request) {
	p.drawNewAccount(w, r, http.StatusOK, ui.FormOf("id", node.NewID(), "org", r.URL.Query().Get("org")))
}

func (p pages) drawNewAccount(w http.ResponseWriter, r *http.Request, status int, form ui.Form) {
	orgs, _, err := p.App.Orgs(r.Context(), door.Actor(r.Context()), store.People{Limit: orgChoices})
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	if chosen := form.Value("org"); chosen != "" {
		// Come from an organisation's own page, which may lie beyond the list.
		if page, err := p.App.Org(r.Context(), door.Actor(r.Context()), chosen); err == nil && !offered(orgs, chosen) {
			orgs = append(orgs, store.OrgRow{ID: page.Org.ID, Name: page.Org.Name, Status: string(page.Org.Status)})
		}
	}
	frame := p.frame(w, r, "people", door.T(r, "staff.new.title"))
	frame.Form, frame.Narrow = &form, true
	frame.Back = &ui.Link{Text: door.T(r, "staff.people.title"), Href: "/people"}
	ui.Render(w, r, status, newAccountView(frame, form, orgs))
}

func offered(orgs []store.OrgRow, id string) bool {
	for _, o := range orgs {
		if o.ID == id {
			return true
		}
	}
	return false
}

func (p pages) newAccount(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	v := r.PostForm
	cmd := node.OpenWithPassword{
		Open: account.Open{
			ID: idOf(v), Org: v.Get("org"), Roles: rolesOf(v),
			Profile: account.Profile{Name: v.Get("name"), Email: v.Get("email"), Sign: v.Get("sign")},
		},
		Password: v.Get("password"),
	}
	if err := p.App.Do(r.Context(), door.Actor(r.Context()), cmd, node.Once("open/"+cmd.ID)); err != nil {
		v.Del("password")
		p.Again(w, r, err, func(status int, f ui.Form) { p.drawNewAccount(w, r, status, f) })
		return
	}
	ui.SetFlash(w, r, ui.Flash{Tone: ui.Verified, Key: "staff.new.done"})
	ui.SeeOther(w, r, "/people/"+cmd.ID)
}

// idOf is the id that the form was drawn with, so that sending it twice opens
// one account; a missing or odd one is replaced.
func idOf(v url.Values) string {
	id := v.Get("id")
	if len(id) == 36 && strings.Trim(id, "0123456789abcdef-") == "" {
		return id
	}
	return node.NewID()
}

func rolesOf(v url.Values) []access.Role {
	roles := make([]access.Role, len(v["roles"]))
	for i, r := range v["roles"] {
		roles[i] = access.Role(r)
	}
	return roles
}

func (p pages) account(w http.ResponseWriter, r *http.Request) {
	p.drawAccount(w, r, http.StatusOK, r.PathValue("id"), nil, "")
}

// drawAccount draws an account's page. form is what was sent by the part of the
// page named by which, nil for none.
func (p pages) drawAccount(w http.ResponseWriter, r *http.Request, status int, id string, form *ui.Form, which string) {
	actor := door.Actor(r.Context())
	page, err := p.App.Account(r.Context(), actor, id)
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	if page.Account.Program != nil {
		ui.SeeOther(w, r, "/people/programs/"+url.PathEscape(id))
		return
	}
	v := accountPage{
		AccountPage: page, Manage: access.Can(actor, access.AccountManage, access.Thing{Account: id}) && page.Account.Erased == nil,
		Own: actor.Account == id, History: history(r.Context(), page.Past, access.Can(actor, access.LedgerRead, access.Thing{})),
		Roles: ui.NewForm(url.Values{"roles": roleStrings(page.Account.Roles), "compartments": {strings.Join(page.Account.Compartments, " ")}}, nil),
	}
	frame := p.frame(w, r, "people", nameOf(r.Context(), page.Account))
	frame.Crumbs = []ui.Link{{Text: door.T(r, "staff.people.title"), Href: "/people"}, {Text: frame.Title}}
	if form != nil {
		frame.Form = form
		v.Problem = *form
		switch which {
		case "roles":
			v.Roles = *form
		case "status":
			v.Status = *form
		case "password":
			v.Password = *form
		}
	}
	ui.Render(w, r, status, accountView(frame, v))
}

func roleStrings(roles []access.Role) []string {
	out := make([]string, len(roles))
	for i, r := range roles {
		out[i] = string(r)
	}
	return out
}

// change runs a command on the account of the page and draws it again, or goes
// back to it.
func (p pages) change(w http.ResponseWriter, r *http.Request, which, done string, command func(id string) any, opts ...node.Option) {
	if !p.ReadForm(w, r) {
		return
	}
	id := r.PathValue("id")
	if err := p.App.Do(r.Context(), door.Actor(r.Context()), command(id), opts...); err != nil {
		r.PostForm.Del("new")
		if which == "status" {
			err = door.Renamed(err, "reason", "why") // the page asks for two reasons
		}
		p.Again(w, r, err, func(status int, f ui.Form) { p.drawAccount(w, r, status, id, &f, which) })
		return
	}
	ui.SetFlash(w, r, ui.Flash{Tone: ui.Verified, Key: done})
	ui.SeeOther(w, r, "/people/"+url.PathEscape(id))
}

func (p pages) changeRoles(w http.ResponseWriter, r *http.Request) {
	p.change(w, r, "roles", "staff.account.roles_done", func(id string) any {
		return account.ChangeRoles{ID: id, Roles: rolesOf(r.PostForm), Compartments: words(r.PostForm.Get("compartments")), Reason: r.PostForm.Get("reason")}
	})
}

func (p pages) changeStatus(w http.ResponseWriter, r *http.Request) {
	p.change(w, r, "status", "staff.account.status_done", func(id string) any {
		return account.SetStatus{ID: id, Status: account.Status(r.PostForm.Get("status")), Reason: r.PostForm.Get("why")}
	})
}

func (p pages) setPassword(w http.ResponseWriter, r *http.Request) {
	p.change(w, r, "password", "staff.account.password_done", func(id string) any {
		return node.SetPassword{Account: id, New: r.PostForm.Get("new")}
	})
}
