package staff

import (
	"net/http"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

func (p pages) orgs(w http.ResponseWriter, r *http.Request) {
	actor, q := door.Actor(r.Context()), r.URL.Query()
	rows, next, err := p.App.Orgs(r.Context(), actor, store.People{
		Kind: q.Get("kind"), Status: q.Get("status"), Find: q.Get("q"), After: q.Get("after"), Limit: pageSize,
	})
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	v := orgList{
		Rows: rows, Form: ui.NewForm(q, nil), Manage: access.Can(actor, access.OrgManage, access.Thing{}),
		Pages: turn(r, next, len(rows)),
	}
	ui.Render(w, r, http.StatusOK, orgsView(p.frame(w, r, "people", door.T(r, "staff.orgs.title")), v))
}

func (p pages) org(w http.ResponseWriter, r *http.Request) {
	p.drawOrg(w, r, http.StatusOK, ui.FormOf())
}

func (p pages) drawOrg(w http.ResponseWriter, r *http.Request, status int, form ui.Form) {
	actor, id := door.Actor(r.Context()), r.PathValue("id")
	page, err := p.App.Org(r.Context(), actor, id)
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	v := orgPage{
		OrgPage: page, Form: form,
		Settle:   page.Org.Status == account.Pending && access.Can(actor, access.OrgActivate, access.Thing{Org: id}),
		Manage:   access.Can(actor, access.AccountManage, access.Thing{}) && page.Org.Status != account.Disabled,
		Accounts: access.Can(actor, access.AccountRead, access.Thing{}),
		History:  history(r.Context(), page.Past, access.Can(actor, access.LedgerRead, access.Thing{})),
	}
	frame := p.frame(w, r, "people", page.Org.Name)
	frame.Crumbs = []ui.Link{{Text: door.T(r, "staff.orgs.title"), Href: "/people/orgs"}, {Text: page.Org.Name}}
	frame.Form = &form
	ui.Render(w, r, status, orgView(frame, v))
}

func (p pages) settle(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	id := r.PathValue("id")
	cmd := account.SettleOrg{ID: id, Status: account.Status(r.PostForm.Get("status")), Note: r.PostForm.Get("note")}
	if err := p.App.Do(r.Context(), door.Actor(r.Context()), cmd); err != nil {
		p.Again(w, r, err, func(status int, f ui.Form) { p.drawOrg(w, r, status, f) })
		return
	}
	done := "staff.org.activated"
	if cmd.Status == account.Disabled {
		done = "staff.org.turned_away"
	}
	ui.SetFlash(w, r, ui.Flash{Tone: ui.Verified, Key: done})
	ui.SeeOther(w, r, "/people/orgs/"+id)
}

func (p pages) newOrgPage(w http.ResponseWriter, r *http.Request) {
	p.drawNewOrg(w, r, http.StatusOK, ui.FormOf("id", node.NewID()))
}

func (p pages) drawNewOrg(w http.ResponseWriter, r *http.Request, status int, form ui.Form) {
	frame := p.frame(w, r, "people", door.T(r, "staff.new_org.title"))
	frame.Form, frame.Narrow = &form, true
	frame.Back = &ui.Link{Text: door.T(r, "staff.orgs.title"), Href: "/people/orgs"}
	ui.Render(w, r, status, newOrgView(frame, form, ui.States(ui.P(r.Context()), p.States)))
}

func (p pages) newOrg(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	v := r.PostForm
	cmd := account.RegisterOrg{ID: idOf(v), Kind: account.OrgKind(v.Get("kind")), Name: v.Get("name"), Country: v.Get("country"), Registry: v.Get("registry")}
	if err := p.App.Do(r.Context(), door.Actor(r.Context()), cmd, node.Once("org/"+cmd.ID)); err != nil {
		p.Again(w, r, err, func(status int, f ui.Form) { p.drawNewOrg(w, r, status, f) })
		return
	}
	ui.SetFlash(w, r, ui.Flash{Tone: ui.Verified, Key: "staff.new_org.done"})
	ui.SeeOther(w, r, "/people/orgs/"+cmd.ID)
}

func (p pages) colleagues(w http.ResponseWriter, r *http.Request) {
	p.drawColleagues(w, r, http.StatusOK, ui.FormOf("id", node.NewID()))
}

func (p pages) drawColleagues(w http.ResponseWriter, r *http.Request, status int, form ui.Form) {
	actor := door.Actor(r.Context())
	page, err := p.App.Accounts(r.Context(), actor, access.AccountOpenOrg, store.People{Org: actor.Org, After: r.URL.Query().Get("after"), Limit: pageSize})
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	org, err := p.App.Org(r.Context(), actor, actor.Org)
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	frame := p.Frame(w, r, ui.Exporter, door.T(r, "staff.colleagues.title"))
	frame.Form, frame.Narrow, frame.Current = &form, true, "people"
	frame.Nav = door.ExporterNav()
	ui.Render(w, r, status, colleaguesView(frame, form, page, org.Org, turn(r, page.Next, len(page.Accounts))))
}

func (p pages) openColleague(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	v, actor := r.PostForm, door.Actor(r.Context())
	cmd := node.OpenWithPassword{
		Open: account.Open{
			ID: idOf(v), Org: actor.Org, Roles: []access.Role{access.ExporterUser},
			Profile: account.Profile{Name: v.Get("name"), Email: v.Get("email"), Sign: v.Get("sign")},
		},
		Password: v.Get("password"),
	}
	if err := p.App.Do(r.Context(), actor, cmd, node.Once("open/"+cmd.ID)); err != nil {
		v.Del("password")
		p.Again(w, r, err, func(status int, f ui.Form) { p.drawColleagues(w, r, status, f) })
		return
	}
	ui.SetFlash(w, r, ui.Flash{Tone: ui.Verified, Key: "staff.colleagues.done"})
	ui.SeeOther(w, r, "/exporter/people")
}
