package authority

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

// bulkAct is what can be done to several cases at once. What weighs a case by
// itself (an assessment, a recommendation, a decision) is none.
type bulkAct struct {
	name  string
	act   access.Act
	fills func(v *bulkView, form ui.Form) templ.Component
	cmd   func(on licensing.On, reader access.Actor, f url.Values) licensing.Command
}

// bulkActs are all of them, the commonest first.
var bulkActs = []bulkAct{
	{"assign", access.CaseAssign, bulkOfficer, func(on licensing.On, _ access.Actor, f url.Values) licensing.Command {
		return licensing.Assign{On: on, Officer: f.Get("officer")}
	}},
	{"unassign", access.CaseAssign, bulkWhy, func(on licensing.On, _ access.Actor, f url.Values) licensing.Command {
		return licensing.Unassign{On: on, Why: strings.TrimSpace(f.Get("why"))}
	}},
	{"advice", access.CaseRecommend, bulkDepartments, func(on licensing.On, _ access.Actor, f url.Values) licensing.Command {
		return licensing.AskAdvice{On: on, Departments: f["departments"]}
	}},
	{"note", access.CaseNote, bulkNote, func(on licensing.On, _ access.Actor, f url.Values) licensing.Command {
		return licensing.WriteNote{On: on, Text: strings.TrimSpace(f.Get("text"))}
	}},
	{"recuse", access.CaseRecuse, bulkRecuse, func(on licensing.On, reader access.Actor, f url.Values) licensing.Command {
		return licensing.Recuse{On: on, Person: reader.Account, Ground: licensing.RecusalGround(f.Get("ground")), Why: strings.TrimSpace(f.Get("why"))}
	}},
}

// bulkOf are the acts on several cases that are open to somebody at all; each
// case is asked for by itself.
func bulkOf(reader access.Actor) []bulkAct {
	return slices.DeleteFunc(slices.Clone(bulkActs), func(b bulkAct) bool { return !access.Can(reader, b.act, access.Thing{}) })
}

// Steps of an act on several cases: it is filled in, looked at, done.
const (
	bulkFill = "fill"
	bulkLook = "look"
	bulkDo   = "do"
)

// bulkView is an act on several cases on its way.
type bulkView struct {
	Act      bulkAct
	Step     string
	Tried    []node.Tried
	Officers []store.AccountRow
	Sent     url.Values
	Once     string
	Back     string
}

// bulk takes an act on the cases that were picked on a list: first it asks what
// the act needs, then it shows what would come of it for each case, then it does
// it with one command a case. What one case refuses stops no other; sent twice,
// it is done once.
func (p *pages) bulk(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	f, actor := r.PostForm, door.Actor(r.Context())
	v := &bulkView{Step: f.Get("step"), Sent: f, Once: f.Get("once"), Back: backTo(f)}
	picked := f["case"]
	if f.Get("all") != "" {
		picked = f["listed"]
	}
	acts := bulkOf(actor)
	at := slices.IndexFunc(acts, func(b bulkAct) bool { return b.name == f.Get("act") })
	bad := fault.New(fault.Invalid, "authority.bulk.incomplete")
	if len(picked) == 0 {
		bad.Field("case", "authority.bulk.none")
	}
	if at < 0 {
		bad.Field("act", "authority.bulk.which")
	}
	if err := bad.Or(); err != nil {
		p.Again(w, r, err, func(status int, form ui.Form) {
			to, _ := url.Parse(v.Back) // made here
			p.drawWork(w, r, status, to.Path, to.Query(), form)
		})
		return
	}
	if len(picked) > casesPerPage || len(v.Once) > 64 || v.Step == bulkDo && v.Once == "" {
		p.Fail(w, r, fault.New(fault.Invalid, "fault.bad_request"))
		return
	}
	v.Act = acts[at]
	slices.Sort(picked)
	var cmds []licensing.Command
	for _, id := range slices.Compact(picked) {
		cmds = append(cmds, v.Act.cmd(licensing.On{Case: id}, actor, f))
	}
	if v.Act.name == "assign" {
		if err := p.App.Store().View(r.Context(), func(t *store.Tx) (err error) {
			v.Officers, err = t.Officers(access.LicensingOfficer)
			return err
		}); err != nil {
			p.Fail(w, r, fault.Wrap(err, "authority: officers"))
			return
		}
		if x := f.Get("officer"); x != "" && !slices.ContainsFunc(v.Officers, func(o store.AccountRow) bool { return o.ID == x }) {
			p.Fail(w, r, fault.New(fault.Invalid, "fault.bad_request"))
			return
		}
	}
	var err error
	if v.Tried, err = p.App.Try(r.Context(), actor, cmds); err == nil && len(v.Tried) == 0 {
		err = fault.New(fault.NotFound, "fault.not_found")
	}
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	wrong := v.wrong()
	switch {
	case v.Step == bulkDo:
		p.doBulk(r.Context(), actor, v)
	case v.Step != bulkLook:
		v.Step = bulkFill
	case wrong != nil:
		v.Step = bulkFill
		p.Again(w, r, wrong, func(status int, form ui.Form) { p.drawBulk(w, r, status, v, form) })
		return
	}
	v.Once = node.NewID()
	p.drawBulk(w, r, http.StatusOK, v, ui.NewForm(f, nil))
}

// doBulk gives the command to each case, over what was shown of it.
func (p *pages) doBulk(ctx context.Context, actor access.Actor, v *bulkView) {
	for i := range v.Tried {
		x := &v.Tried[i]
		seen, err := strconv.ParseInt(v.Sent.Get("seen."+x.Case.ID), 10, 64)
		if err != nil {
			x.Err = fault.New(fault.Invalid, "fault.bad_request")
			continue
		}
		cmd := v.Act.cmd(licensing.On{Case: x.Case.ID}, actor, v.Sent)
		x.Err = p.App.Do(ctx, actor, cmd, node.Expect(cmd.Stream(), seen), node.Once(v.Once+"/"+x.Case.ID))
	}
}

// wrong is what is wrong with what was filled in, whatever the case.
func (v *bulkView) wrong() error {
	for _, x := range v.Tried {
		if filledWrong(x.Err) {
			return x.Err
		}
	}
	return nil
}

func filledWrong(err error) bool {
	var f *fault.Error
	return errors.As(err, &f) && f.Code == fault.Invalid && len(f.Fields) > 0
}

// goes counts the cases to which the act comes.
func (v *bulkView) goes() (n int) {
	for _, x := range v.Tried {
		if x.Err == nil {
			n++
		}
	}
	return n
}

// backTo is the list from which cases were picked.
func backTo(f url.Values) string {
	path := "/work"
	if f.Get("path") == "/cases" {
		path = "/cases"
	}
	query, err := url.ParseQuery(f.Get("query"))
	if err != nil || len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}

func (p *pages) drawBulk(w http.ResponseWriter, r *http.Request, status int, v *bulkView, form ui.Form) {
	frame := p.frame(w, r, "work", ui.T(r.Context(), "authority.bulk."+v.Act.name))
	frame.Crumbs = []ui.Link{{Text: ui.T(r.Context(), "authority.work.title"), Href: v.Back}, {Text: frame.Title}}
	frame.Form = &form
	ui.Render(w, r, status, bulkPage(frame, v, form))
}

// table is each case with what came, or would come, of it.
func (v *bulkView) table(ctx context.Context) ui.Table {
	t := ui.Table{Caption: ui.T(ctx, "authority.bulk.cases", "count", len(v.Tried)), Columns: []ui.Column{
		{Title: ui.T(ctx, "authority.column.case")}, {Title: ui.T(ctx, "authority.column.stage")}, {Title: ui.T(ctx, "authority.bulk.result")},
	}}
	for _, x := range v.Tried {
		said := ui.Cell{Text: ui.T(ctx, "authority.bulk.is."+v.Step)}
		if x.Err != nil && !(v.Step == bulkFill && filledWrong(x.Err)) {
			said = ui.Cell{Value: ui.Chip(ui.Needs, ui.T(ctx, "authority.bulk.not."+v.Step)), Sub: lang.Fault(lang.From(ctx), x.Err).Message}
		}
		name := x.Case.App().Title
		if name == "" {
			name = x.Case.Reference
		}
		stage := ui.T(ctx, "licensing.name.stage."+string(x.Case.Stage))
		t.Rows = append(t.Rows, []ui.Cell{{Text: name, Href: caseHref(x.Case.ID, ""), Lang: "und", Sub: x.Case.Reference}, {Text: stage, Sub: v.officer(x.Case.Officer)}, said})
	}
	return t
}

// officer is who has a case, where that matters for the act.
func (v *bulkView) officer(id string) string {
	for _, o := range v.Officers {
		if o.ID == id {
			return o.Display
		}
	}
	return ""
}

// kept are the values that go along from one step to the next.
func (v *bulkView) kept() []string {
	if v.Step == bulkFill {
		return []string{"act", "path", "query"}
	}
	return []string{"act", "path", "query", "officer", "why", "text", "ground", "departments"}
}
