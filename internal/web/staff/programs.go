package staff

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

// programList is what the list of programs is given.
type programList struct {
	Base  string // path of the list: each side of the counter has its own
	Rows  []store.ProgramRow
	Form  ui.Form
	Orgs  []store.OrgRow // to choose from; none for an exporter
	Keep  bool
	Token string // of the program that was made a moment ago
	Now   time.Time
	Pages ui.Pages
}

type programPage struct {
	node.ProgramPage
	Base    string
	Form    ui.Form
	Now     time.Time
	History []ui.Event
}

// programsBase is where an actor's side of the counter keeps its programs.
func programsBase(a access.Actor) string {
	if a.Has(access.ExporterUser) {
		return "/exporter/programs"
	}
	return "/people/programs"
}

func (p pages) programFrame(w http.ResponseWriter, r *http.Request, title string) ui.Frame {
	if !door.Actor(r.Context()).Has(access.ExporterUser) {
		return p.frame(w, r, "people", title)
	}
	f := p.Frame(w, r, ui.Exporter, title)
	f.Nav, f.Current = door.ExporterNav(), "people"
	return f
}

func (p pages) programs(w http.ResponseWriter, r *http.Request) {
	p.drawPrograms(w, r, http.StatusOK, ui.FormOf("id", node.NewID(), "days", "180"), "")
}

func (p pages) drawPrograms(w http.ResponseWriter, r *http.Request, status int, form ui.Form, token string) {
	actor := door.Actor(r.Context())
	rows, next, err := p.App.Programs(r.Context(), actor, r.URL.Query().Get("after"), pageSize)
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	v := programList{Base: programsBase(actor), Rows: rows, Form: form, Token: token, Now: p.App.Now(), Pages: turn(r, next, len(rows))}
	exporter := actor.Has(access.ExporterUser)
	if v.Keep = exporter || access.Can(actor, access.AccountManage, access.Thing{}); v.Keep && !exporter {
		if v.Orgs, _, err = p.App.Orgs(r.Context(), actor, store.People{Limit: orgChoices, Status: string(account.Active)}); err != nil {
			p.Fail(w, r, err)
			return
		}
	}
	frame := p.programFrame(w, r, door.T(r, "staff.programs.title"))
	frame.Form = &form
	frame.Back = &ui.Link{Text: door.T(r, "staff.people.title"), Href: map[bool]string{true: "/exporter/people", false: "/people"}[exporter]}
	ui.Render(w, r, status, programsView(frame, v))
}

// openProgram makes a program's account and shows its token, this once: the page
// answers the form itself, so that the token is in no address and no cookie.
func (p pages) openProgram(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	v, actor := r.PostForm, door.Actor(r.Context())
	cmd := account.OpenProgram{ID: idOf(v), Org: v.Get("org"), Name: v.Get("name"), Role: access.Role(v.Get("role")), About: v.Get("about")}
	if actor.Has(access.ExporterUser) {
		cmd.Org, cmd.Role = actor.Org, access.ExporterUser
	}
	if days, err := strconv.Atoi(v.Get("days")); err == nil {
		cmd.Expires = p.App.Now().AddDate(0, 0, days).Format(time.DateOnly)
	}
	var made node.NewProgram
	if err := p.App.Do(r.Context(), actor, cmd, node.Into(&made)); err != nil {
		p.Again(w, r, door.Renamed(err, "expires", "days"), func(status int, f ui.Form) { p.drawPrograms(w, r, status, f, "") })
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	p.drawPrograms(w, r, http.StatusOK, ui.FormOf("id", node.NewID(), "days", "180"), made.Token)
}

func (p pages) program(w http.ResponseWriter, r *http.Request) {
	p.drawProgram(w, r, http.StatusOK, ui.FormOf())
}

func (p pages) drawProgram(w http.ResponseWriter, r *http.Request, status int, form ui.Form) {
	actor := door.Actor(r.Context())
	page, err := p.App.Program(r.Context(), actor, r.PathValue("id"))
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	v := programPage{
		ProgramPage: page, Base: programsBase(actor), Form: form, Now: p.App.Now(),
		History: history(r.Context(), page.Past, access.Can(actor, access.LedgerRead, access.Thing{})),
	}
	frame := p.programFrame(w, r, page.Name)
	frame.Form = &form
	frame.Back = &ui.Link{Text: door.T(r, "staff.programs.title"), Href: v.Base}
	ui.Render(w, r, status, programView(frame, v))
}

func (p pages) endProgram(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	id := r.PathValue("id")
	if err := p.App.Do(r.Context(), door.Actor(r.Context()), node.EndProgram{ID: id, Reason: r.PostForm.Get("reason")}); err != nil {
		p.Again(w, r, err, func(status int, f ui.Form) { p.drawProgram(w, r, status, f) })
		return
	}
	ui.SetFlash(w, r, ui.Flash{Tone: ui.Verified, Key: "staff.programs.ended"})
	ui.SeeOther(w, r, programsBase(door.Actor(r.Context()))+"/"+url.PathEscape(id))
}

// programState says whether a program may call.
func programState(ctx context.Context, r store.ProgramRow, now time.Time) (ui.Tone, string) {
	switch {
	case r.Status != string(account.Active) || !r.Token:
		return ui.Stopped, ui.T(ctx, "staff.programs.state.ended")
	case now.Format(time.DateOnly) > r.Expires:
		return ui.Stopped, ui.T(ctx, "staff.programs.state.expired")
	}
	return "", ui.T(ctx, "staff.programs.state.calls")
}

// used says when a program called last: the day, and no more.
func used(ctx context.Context, r store.ProgramRow) string {
	if r.Used == "" {
		return ui.T(ctx, "staff.programs.never")
	}
	return ui.P(ctx).DayOf(r.Used)
}

func programRoles(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, r := range account.ProgramRoles() {
		out = append(out, ui.Option{Value: string(r), Text: ui.T(ctx, "role."+string(r))})
	}
	return out
}

func lifetimes(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, days := range []int{30, 90, 180, 365} {
		out = append(out, ui.Option{Value: strconv.Itoa(days), Text: ui.T(ctx, "staff.programs.days", "count", days)})
	}
	return out
}

func purposeSaid(ctx context.Context, r store.ProgramRow) string {
	return ui.T(ctx, "staff.programs.purpose."+r.Purpose, "about", r.About)
}
