package authority

import (
	"context"
	"net/http"
	"strconv"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/interests"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

// interestRoutes are the register of what people have of their own in companies,
// parties and organs of states.
func (p *pages) interestRoutes(on on) {
	on("GET /interests", p.interests)
	on("GET /interests/{account}", p.interests)
	on("POST /interests", p.declare)
	on("POST /interests/{id}/end", p.endInterest)
	on("POST /interests/confirm", p.confirmInterests)
}

// interestsView is a person's register, and for those who may read them all the
// list of registers.
type interestsView struct {
	*interests.Register
	Version int64
	Rules   interests.Rules
	Own     bool // the reader's
	Name    string
	All     []*interests.Register
	Names   map[string]string
	Once    string
}

func (p *pages) interests(w http.ResponseWriter, r *http.Request) {
	p.drawInterests(w, r, http.StatusOK, ui.FormOf())
}

func (p *pages) drawInterests(w http.ResponseWriter, r *http.Request, status int, form ui.Form) {
	actor, who := door.Actor(r.Context()), r.PathValue("account")
	all, names, err := p.App.Registers(r.Context(), actor)
	v := &interestsView{Register: &interests.Register{}, All: all, Names: names, Once: node.NewID(), Name: names[who]}
	if who == "" {
		who, v.Name = actor.Account, ""
	}
	v.Own = access.Can(actor, access.InterestOwn, access.Thing{Kind: interests.Kind, Account: who})
	if err == nil && (v.Own || v.Name != "") {
		v.Register, v.Version, v.Rules, err = p.App.InterestsOf(r.Context(), actor, who)
	} else if err == nil && (r.PathValue("account") != "" || all == nil && access.ScopeOf(actor, access.InterestRead).Empty()) {
		err = fault.New(fault.NotFound, "fault.not_found")
	}
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	frame := p.frame(w, r, "work", ui.T(r.Context(), "interests.title"))
	if v.Name != "" {
		frame.Title += " · " + v.Name
	}
	frame.Form = &form
	ui.Render(w, r, status, interestsPage(frame, v, form))
}

// giveInterest gives a command on the reader's own register.
func (p *pages) giveInterest(w http.ResponseWriter, r *http.Request, cmd any, done string) {
	seen, err := versionIn(r.PostForm)
	if err == nil {
		err = p.App.Do(r.Context(), door.Actor(r.Context()), cmd, node.Once(r.PostForm.Get("once")), node.Expect(interests.StreamOf(door.Actor(r.Context()).Account), seen))
	}
	if err != nil {
		p.Again(w, r, err, func(status int, form ui.Form) { p.drawInterests(w, r, status, form) })
		return
	}
	ui.SetFlash(w, r, ui.Flash{Key: done})
	ui.SeeOther(w, r, "/interests")
}

func (p *pages) declare(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	bad := fault.New(fault.Invalid, "interests.invalid")
	cmd := interests.Declare{
		Account: door.Actor(r.Context()).Account, ID: r.PostForm.Get("once"), Nature: r.PostForm.Get("nature"),
		From: ui.ParseDay(r.PostForm, "from", bad), Until: ui.ParseDay(r.PostForm, "until", bad),
		About: interests.About{Name: field(r, "name"), Identifier: field(r, "identifier"), Text: field(r, "text")},
	}
	if err := bad.Or(); err != nil {
		p.Again(w, r, err, func(status int, form ui.Form) { p.drawInterests(w, r, status, form) })
		return
	}
	p.giveInterest(w, r, cmd, "interests.declare.done")
}

func (p *pages) endInterest(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	engines, err := p.App.Engines(r.Context())
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	p.giveInterest(w, r, interests.End{Account: door.Actor(r.Context()).Account, ID: r.PathValue("id"), Until: engines.Calendar.Day(p.App.Now())}, "interests.ended_today")
}

func (p *pages) confirmInterests(w http.ResponseWriter, r *http.Request) {
	if p.ReadForm(w, r) {
		p.giveInterest(w, r, interests.Confirm{Account: door.Actor(r.Context()).Account}, "interests.confirm.done")
	}
}

// interestsTable is a register as a table.
func (v *interestsView) table(ctx context.Context) ui.Table {
	t := ui.Table{Caption: ui.T(ctx, "interests.table"), Columns: []ui.Column{
		{Title: ui.T(ctx, "interests.column.whom")}, {Title: ui.T(ctx, "interests.column.nature")}, {Title: ui.T(ctx, "interests.column.when")},
	}}
	for _, i := range v.Interests {
		name := ui.Cell{Text: i.About.Name, Lang: "und", Sub: i.About.Identifier}
		if i.Erased != nil {
			name = ui.Cell{Text: ui.T(ctx, "interests.erased")}
		}
		when := ui.Cell{Text: ui.T(ctx, "interests.lasts")}
		if i.Until != "" {
			when.Text = ui.T(ctx, "interests.until_day", "day", ui.P(ctx).DayOf(string(i.Until)))
		} else if v.Own {
			when.Value = endInterest(v, i)
		}
		if i.From != "" {
			when.Sub = ui.T(ctx, "interests.from_day", "day", ui.P(ctx).DayOf(string(i.From)))
		}
		t.Rows = append(t.Rows, []ui.Cell{name, {Text: ui.T(ctx, "interests.name."+i.Nature), Sub: i.About.Text}, when})
	}
	return t
}

// list is everybody's register.
func (v *interestsView) list(ctx context.Context) ui.Table {
	t := ui.Table{Caption: ui.T(ctx, "interests.all"), Columns: []ui.Column{
		{Title: ui.T(ctx, "interests.column.person")}, {Title: ui.T(ctx, "interests.column.standing"), Numeric: true}, {Title: ui.T(ctx, "interests.column.due")},
	}}
	for _, r := range v.All {
		name := v.Names[r.Account]
		if name == "" {
			name = r.Account
		}
		t.Rows = append(t.Rows, []ui.Cell{{Text: name, Href: "/interests/" + r.Account}, {Text: strconv.Itoa(len(r.Standing()))}, {Text: ui.P(ctx).DayOf(string(r.Due))}})
	}
	return t
}

// touched are the people whose interests the reader is shown on a case's pages:
// themselves first, then the case's officer.
func (v *caseView) touched() (out []string) {
	if v.keptOut() == nil && len(v.Touching[v.Reader.Account]) > 0 {
		out = append(out, v.Reader.Account)
	}
	if o := v.Case.Officer; o != v.Reader.Account && len(v.Touching[o]) > 0 {
		out = append(out, o)
	}
	return out
}

func (v *caseView) touchTitle(ctx context.Context, who string) string {
	if who == v.Reader.Account {
		return ui.T(ctx, "interests.touch.own")
	}
	return ui.T(ctx, "interests.touch.officer", "who", v.Name(who))
}
