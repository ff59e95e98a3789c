package followup

import (
	"context"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/vault"
	"github.com/comity-project/comity/internal/verification"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

func (p pages) verificationRoutes(on on) {
	on("GET /verification", access.CheckRead, p.checks)
	on("GET /verification/plans", access.CheckRead, p.plans)
	on("GET /verification/plans/new", access.CheckPlan, p.newPlan)
	on("POST /verification/plans/draw", access.CheckPlan, p.draw)
	on("GET /verification/plans/{plan}", access.CheckRead, p.plan)
	on("GET /verification/checks/new", access.CheckPlan, p.newCheck)
	on("POST /verification/checks/prepare", access.CheckPlan, p.prepare)
	on("GET /verification/checks/{check}", access.CheckRead, p.check)
	on("POST /verification/checks/{check}/{act}", access.CheckRead, p.changeCheck)
	on("GET /verification/checks/{check}/papers/{document}", access.CheckRead, p.paper)
}

// tabs lead between the lists of verification.
func (s *sheet) tabs(here string) []ui.Tab {
	return []ui.Tab{
		{Text: s.t("followup.checks.open"), Href: "/verification", Current: here == "open"},
		{Text: s.t("followup.checks.ended"), Href: "/verification?show=ended", Current: here == "ended"},
		{Text: s.t("followup.plans.title"), Href: "/verification/plans", Current: here == "plans"},
	}
}

func (p pages) checks(w http.ResponseWriter, r *http.Request) {
	s, q := sheetOf(r, "", 0, "", ui.FormOf()), r.URL.Query()
	ask := store.Checks{Scope: access.ScopeOf(s.reader, access.CheckRead), Open: q.Get("show") != "ended", After: q.Get("after"), Limit: listed + 1}
	var rows []store.CheckRow
	if err := p.App.Store().View(r.Context(), func(t *store.Tx) (err error) {
		rows, err = t.ListChecks(ask)
		return err
	}); err != nil {
		p.Fail(w, r, fault.Wrap(err, "followup: checks"))
		return
	}
	base, here := "/verification?", "open"
	if !ask.Open {
		base, here = "/verification?show=ended&", "ended"
	}
	rows, pages := pager(rows, base, func(c store.CheckRow) string { return c.ID }, ask.After == "")
	v := page{Sub: s.t("followup.checks.sub"), Tabs: s.tabs(here)}
	if access.Can(s.reader, access.CheckPlan, access.Thing{}) {
		v.Buttons = []ui.Link{{Text: s.t("followup.plans.new"), Href: "/verification/plans/new"}}
	}
	v.Cards = []card{{"checks", "", []templ.Component{list(checkTable(s, rows), pages, s.t("followup.checks.none"), s.t("followup.checks.none.text"))}}}
	ui.Render(w, r, http.StatusOK, pageView(p.frame(w, r, s.t("followup.checks.title"), nil), v))
}

func checkTable(s *sheet, rows []store.CheckRow) ui.Table {
	t := ui.Table{
		Caption: s.t("followup.checks.title"), Hide: true, Walk: true,
		Columns: []ui.Column{{Title: s.t("followup.check.reference")}, {Title: s.t("followup.check.licence")}, {Title: s.t("followup.check.officer")}, {Title: s.t("followup.check.due")}, {Title: s.t("followup.check.status")}},
	}
	for _, c := range rows {
		t.Rows = append(t.Rows, []ui.Cell{
			{Text: c.Reference, Href: "/verification/checks/" + c.ID},
			{Text: c.LicenceRef, Href: "/licences/" + c.Licence},
			{Text: c.Officer},
			{Text: dayText(s.ctx, c.Due)},
			{Value: checkChip(s, verification.Status(c.Status), verification.Result(c.Result))},
		})
	}
	return t
}

// checkChip says where a check stands, by its finding where there is one.
func checkChip(s *sheet, status verification.Status, result verification.Result) templ.Component {
	switch {
	case result == verification.Favourable:
		return ui.Chip(ui.Verified, s.t("followup.result.favourable"))
	case result == verification.Partial:
		return ui.Chip(ui.Needs, s.t("followup.result.partial"))
	case result != "":
		return ui.Chip(ui.Bad, s.t("followup.result.unsatisfactory"))
	}
	return ui.Chip(ui.Plain, s.t("followup.status."+string(status)))
}

func (p pages) plans(w http.ResponseWriter, r *http.Request) {
	s, after := sheetOf(r, "", 0, "", ui.FormOf()), r.URL.Query().Get("after")
	var rows []store.PlanRow
	if err := p.App.Store().View(r.Context(), func(t *store.Tx) (err error) {
		rows, err = t.ListPlans(after, listed+1)
		return err
	}); err != nil {
		p.Fail(w, r, fault.Wrap(err, "followup: plans"))
		return
	}
	rows, pages := pager(rows, "/verification/plans?", func(x store.PlanRow) string { return x.ID }, after == "")
	t := ui.Table{
		Caption: s.t("followup.plans.title"), Hide: true, Walk: true,
		Columns: []ui.Column{{Title: s.t("followup.plan.purpose")}, {Title: s.t("followup.plan.drawn")}, {Title: s.t("followup.plan.pool"), Numeric: true}, {Title: s.t("followup.plan.picks"), Numeric: true}},
	}
	for _, x := range rows {
		t.Rows = append(t.Rows, []ui.Cell{{Text: x.Purpose, Href: "/verification/plans/" + x.ID}, {Value: ui.Day(x.Drawn)}, {Text: ui.P(s.ctx).Int(x.Pool)}, {Text: ui.P(s.ctx).Int(x.Picks)}})
	}
	v := page{Sub: s.t("followup.plans.sub"), Tabs: s.tabs("plans"), Cards: []card{{"plans", "", []templ.Component{list(t, pages, s.t("followup.plans.none"), s.t("followup.plans.none.text"))}}}}
	if access.Can(s.reader, access.CheckPlan, access.Thing{}) {
		v.Buttons = []ui.Link{{Text: s.t("followup.plans.new"), Href: "/verification/plans/new"}}
	}
	ui.Render(w, r, http.StatusOK, pageView(p.frame(w, r, s.t("followup.plans.title"), nil), v))
}

func (p pages) newPlan(w http.ResponseWriter, r *http.Request) {
	p.drawNewPlan(w, r, http.StatusOK, "", ui.FormOf())
}

func (p pages) drawNewPlan(w http.ResponseWriter, r *http.Request, status int, failed string, f ui.Form) {
	rules, err := p.App.CheckRules()
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	s := sheetOf(r, "/verification/plans", 0, failed, f)
	c := s.ask("draw", []string{"id", s.once}, ui.Consequences{Happens: []string{s.t("followup.plan.happens")}},
		field{Name: "id", Kind: hidden}, field{Name: "purpose", Kind: area, Rows: 2, Hinted: true}, field{Name: "from", Kind: date, Hinted: true}, field{Name: "to", Kind: date}, field{Name: "wanted", Width: 4})
	v := page{Sub: s.t("followup.plan.sub"), Cards: []card{c}, Aside: []card{s.factors(rules)}}
	ui.Render(w, r, status, pageView(p.frame(w, r, s.t("followup.plans.new"), &f, s.up()...), v))
}

func (s *sheet) up() []ui.Link {
	return []ui.Link{{Text: s.t("followup.checks.title"), Href: "/verification"}}
}

// factors are what weighs, as a card.
func (s *sheet) factors(rules verification.Rules) card {
	items := []string{s.t("followup.factor.base")}
	for _, f := range rules.Factors {
		items = append(items, s.t("followup.factor", "factor", f.Text, "weight", f.Weight))
	}
	return card{"factors", s.t("followup.plan.factors"), []templ.Component{bullets(items), meta(s.t("followup.plan.never"))}}
}

func (p pages) draw(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	id := r.PostForm.Get("draw.id")
	if len(id) != len(node.NewID()) {
		p.Fail(w, r, fault.New(fault.Invalid, "fault.bad_request"))
		return
	}
	p.answer(w, r, "draw", event.StreamOf(verification.KindPlan, id), func(g given) any {
		return verification.DrawPlan{Plan: id, From: g.day("from"), To: g.day("to"), Wanted: g.number("wanted"), Purpose: g.text("purpose")}
	}, func() { ui.SeeOther(w, r, "/verification/plans/"+id) }, func(status int, f ui.Form) { p.drawNewPlan(w, r, status, "draw", f) })
}

// poolShown bounds the pool on a page; the picks are always shown.
const poolShown = 200

func (p pages) plan(w http.ResponseWriter, r *http.Request) {
	s := sheetOf(r, "", 0, "", ui.FormOf())
	f, err := p.App.PlanFile(r.Context(), s.reader, r.PathValue("plan"))
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	same := s.t("followup.plan.same")
	if !f.Again() {
		same = s.t("followup.plan.differs")
	}
	v := page{Sub: f.Purpose, Facts: []ui.Fact{
		{Label: s.t("followup.plan.drawn"), Value: ui.Moment(f.Drawn.At)},
		{Label: s.t("followup.plan.by"), Text: f.By},
		{Label: s.t("followup.plan.period"), Text: s.t("followup.plan.days", "from", dayText(s.ctx, string(f.From)), "to", dayText(s.ctx, string(f.To)))},
	}}
	picks := planTable(s, f, s.t("followup.plan.picks"), func(yield func(verification.Candidate)) {
		for _, id := range f.Picks {
			c, _ := f.Candidate(id)
			yield(c)
		}
	})
	all := planTable(s, f, s.t("followup.plan.pool"), func(yield func(verification.Candidate)) {
		for _, c := range f.Pool[:min(len(f.Pool), poolShown)] {
			yield(c)
		}
	})
	v.Cards = []card{
		{"picks", s.t("followup.plan.picks"), []templ.Component{ui.DataTable(picks)}},
		{"pool", s.t("followup.plan.pool"), []templ.Component{ui.DataTable(all), meta(s.t("followup.plan.pool.note", "count", len(all.Rows)))}},
	}
	rows := row(nil, s.t("followup.plan.seed"), f.Seed)
	rows = row(rows, s.t("followup.plan.rules"), f.Plan.Rules)
	rows = row(rows, s.t("followup.plan.again"), same)
	v.Aside = []card{{"draw", s.t("followup.plan.how"), []templ.Component{ui.Summary(rows), meta(s.t("followup.plan.method"))}}, s.factors(f.Rules)}
	ui.Render(w, r, http.StatusOK, pageView(p.frame(w, r, s.t("followup.plan.title", "day", f.Drawn.At), nil, append(s.up(), ui.Link{Text: s.t("followup.plans.title"), Href: "/verification/plans"})...), v))
}

// planTable lists candidates that the reader may see, with what they weigh and
// why, and what became of those that were drawn.
func planTable(s *sheet, f *node.PlanFile, title string, each func(func(verification.Candidate))) ui.Table {
	t := ui.Table{Caption: title, Hide: true, Columns: []ui.Column{{Title: s.t("followup.check.licence")}, {Title: s.t("followup.plan.weight"), Numeric: true}, {Title: s.t("followup.plan.why")}, {Title: s.t("followup.plan.check")}}}
	plans := access.Can(s.reader, access.CheckPlan, access.Thing{})
	each(func(c verification.Candidate) {
		ref, ok := f.References[c.ID]
		if !ok {
			return
		}
		var why []string
		for _, id := range c.Why {
			if x, ok := f.Rules.Factor(id); ok {
				why = append(why, x.Text)
			}
		}
		last := ui.Cell{Text: "–"}
		if k, ok := f.Checks[c.ID]; ok {
			last = ui.Cell{Text: k.Reference, Href: "/verification/checks/" + k.ID}
		} else if plans && slices.Contains(f.Picks, c.ID) {
			last = ui.Cell{Text: s.t("followup.checks.new"), Href: "/verification/checks/new?" + url.Values{"licence": {c.ID}, "plan": {f.ID}}.Encode()}
		}
		t.Rows = append(t.Rows, []ui.Cell{{Text: ref, Href: "/licences/" + c.ID}, {Text: strconv.Itoa(c.Weight)}, {Text: strings.Join(why, "; ")}, last})
	})
	return t
}

func (p pages) newCheck(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	p.drawNewCheck(w, r, http.StatusOK, q.Get("licence"), q.Get("plan"), "", ui.FormOf())
}

func (p pages) drawNewCheck(w http.ResponseWriter, r *http.Request, status int, licence, plan, failed string, f ui.Form) {
	s := sheetOf(r, "/verification/checks", 0, failed, f)
	rules, err := p.App.CheckRules()
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	var refs map[string]string
	if err := p.App.Store().View(r.Context(), func(t *store.Tx) (err error) {
		refs, err = t.LicenceReferences([]string{licence}, access.ScopeOf(s.reader, access.CheckPlan))
		return err
	}); err != nil || refs[licence] == "" {
		if err == nil {
			err = fault.New(fault.NotFound, "fault.not_found")
		}
		p.Fail(w, r, err)
		return
	}
	officers, err := p.officers(r.Context(), access.CheckCarryOut)
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	var lists []ui.Option
	for _, c := range rules.Checklists {
		lists = append(lists, ui.Option{Value: c.ID, Text: c.Title, Hint: s.t("followup.method." + string(c.Method))})
	}
	start := []string{"id", s.once, "licence", licence, "plan", plan}
	if plan != "" {
		start = append(start, "reason", string(verification.Drawn))
	}
	c := s.ask("prepare", start, ui.Consequences{},
		field{Name: "id", Kind: hidden}, field{Name: "licence", Kind: hidden}, field{Name: "plan", Kind: hidden},
		field{Name: "reason", Kind: radios, Options: options(s, "followup.reason.", verification.Reasons)},
		field{Name: "why", Kind: area, Rows: 2, Hinted: true}, field{Name: "checklist", Kind: radios, Options: lists},
		field{Name: "place", Kind: area, Rows: 2}, field{Name: "officer", Kind: choose, Options: officers}, field{Name: "due", Kind: date},
		field{Name: "sample", Width: 4, Optional: true, Hinted: true}, field{Name: "hash", Kind: code, Optional: true, Hinted: true}, field{Name: "note", Kind: area, Rows: 3, Optional: true, Hinted: true})
	c.Title = ""
	title := s.t("followup.check.new", "licence", refs[licence])
	ui.Render(w, r, status, pageView(p.frame(w, r, title, &f, s.up()...), page{Sub: s.t("followup.check.new.sub"), Cards: []card{c}}))
}

func (p pages) prepare(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	id := r.PostForm.Get("prepare.id")
	if len(id) != len(node.NewID()) {
		p.Fail(w, r, fault.New(fault.Invalid, "fault.bad_request"))
		return
	}
	p.answer(w, r, "prepare", node.CheckStream(id), func(g given) any {
		return verification.Prepare{
			OnCheck: verification.OnCheck{Check: id}, Licence: g.text("licence"), Reason: verification.Reason(g.text("reason")), Plan: g.text("plan"), Why: g.text("why"),
			Checklist: g.text("checklist"), Officer: g.text("officer"), Due: g.day("due"), Place: g.text("place"), Note: g.text("note"), Sample: g.number("sample"), Hash: g.text("hash"),
		}
	}, func() { ui.SeeOther(w, r, "/verification/checks/"+id) }, func(status int, f ui.Form) {
		p.drawNewCheck(w, r, status, f.Value("prepare.licence"), f.Value("prepare.plan"), "prepare", f)
	})
}

func (p pages) check(w http.ResponseWriter, r *http.Request) {
	p.drawCheck(w, r, http.StatusOK, "", ui.FormOf())
}

// changeCheck answers the forms of a check's page.
func (p pages) changeCheck(w http.ResponseWriter, r *http.Request) {
	if !p.ReadFiles(w, r, maxUpload+door.FormLimit) {
		return
	}
	id, act := r.PathValue("check"), r.PathValue("act")
	on := verification.OnCheck{Check: id}
	again := func(status int, f ui.Form) { p.drawCheck(w, r, status, act, f) }
	var build func(g given) any
	switch act {
	case "consent":
		build = func(g given) any {
			return verification.RecordConsent{OnCheck: on, Day: g.day("day"), Answer: verification.Consent(g.text("answer")), Said: g.text("said")}
		}
	case "arrange":
		build = func(g given) any {
			return verification.Arrange{OnCheck: on, Day: g.day("day"), Officer: g.text("officer"), Where: g.text("where")}
		}
	case "look":
		build = func(g given) any { return lookOf(on, g) }
	case "evidence":
		build = func(g given) any { return p.evidence(r, id, g) }
	case "conclude":
		build = func(g given) any { return concludeOf(on, g) }
	case "follow_up":
		build = func(g given) any {
			return verification.SetFollowUp{OnCheck: on, ID: node.NewID(), Officer: g.text("officer"), What: g.text("what"), Due: g.day("due")}
		}
	case "done":
		build = func(g given) any {
			return verification.EndFollowUp{OnCheck: on, ID: g.text("id"), Done: g.text("done")}
		}
	case "close":
		build = func(g given) any { return verification.Close{OnCheck: on, Why: g.text("why")} }
	case "cancel":
		build = func(g given) any { return verification.Cancel{OnCheck: on, Why: g.text("why")} }
	default:
		p.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
		return
	}
	p.answer(w, r, act, node.CheckStream(id), build, func() { ui.SeeOther(w, r, "/verification/checks/"+id) }, again)
}

func lookOf(on verification.OnCheck, g given) verification.Look {
	c := verification.Look{OnCheck: on, OnSite: verification.OnSite{Notes: map[string]string{}, Serials: g.lines("serials"), Hash: g.text("hash")}}
	for name := range g.Values {
		if item, ok := strings.CutPrefix(name, "answer."); ok && g.text(name) != "" {
			c.Answers = append(c.Answers, verification.Seen{Item: item, Answer: verification.Answer(g.text(name))})
		}
		if item, ok := strings.CutPrefix(name, "note."); ok && g.text(name) != "" {
			c.OnSite.Notes[item] = g.text(name)
		}
	}
	slices.SortFunc(c.Answers, func(a, b verification.Seen) int { return strings.Compare(a.Item, b.Item) })
	return c
}

func concludeOf(on verification.OnCheck, g given) verification.Conclude {
	c := verification.Conclude{OnCheck: on, Result: verification.Result(g.text("result")), Why: g.text("why"), Conditions: g.Values["conditions"]}
	for name := range g.Values {
		rest, ok := strings.CutPrefix(name, "promise.")
		assurance, clause, both := strings.Cut(rest, ".")
		if ok && both && g.text(name) != "" && g.text(name) != "not_looked" {
			c.Promises = append(c.Promises, verification.Promise{Assurance: assurance, Clause: clause, Result: g.text(name)})
		}
	}
	slices.SortFunc(c.Promises, func(a, b verification.Promise) int {
		return strings.Compare(a.Assurance+a.Clause, b.Assurance+b.Clause)
	})
	return c
}

// evidence takes the paper of a form into the vault.
func (p pages) evidence(r *http.Request, id string, g given) any {
	if r.MultipartForm == nil || len(r.MultipartForm.File["evidence.file"]) == 0 || r.MultipartForm.File["evidence.file"][0].Size == 0 {
		g.bad.Field("file", "followup.file.missing")
		return nil
	}
	file := r.MultipartForm.File["evidence.file"][0]
	body, err := file.Open()
	if err != nil {
		g.bad.Field("file", "followup.file.missing")
		return nil
	}
	defer body.Close()
	cmd, err := p.App.TakeEvidence(r.Context(), door.Actor(r.Context()), id, file.Filename, file.Size, body)
	if err != nil {
		g.bad.Field("file", "followup.file.refused")
		return nil
	}
	if title := g.text("title"); title != "" {
		cmd.Title = title
	}
	return cmd
}

// paper sends a paper of a check as a file to keep: never shown inside the site.
func (p pages) paper(w http.ResponseWriter, r *http.Request) {
	d, body, err := p.App.OpenEvidence(r.Context(), door.Actor(r.Context()), r.PathValue("check"), r.PathValue("document"))
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	defer body.Close()
	h := w.Header()
	h.Set("Content-Type", d.MediaType)
	h.Set("Content-Length", strconv.FormatInt(d.Size, 10))
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": vault.SaveName(d.ID, d.MediaType)}))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(http.StatusOK)
	_, _ = io.Copy(w, body)
}

// clauseName is a clause of an assurance in words.
func clauseName(ctx context.Context, c licensing.Clause) string {
	return ui.T(ctx, "licensing.clause."+string(c))
}
