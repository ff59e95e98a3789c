package followup

import (
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/enforcement"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

func (p pages) enforcementRoutes(on on) {
	on("GET /enforcement", access.MatterRead, p.inside(p.matters))
	on("GET /enforcement/new", access.MatterKeep, p.inside(p.newMatter))
	on("POST /enforcement/begin", access.MatterKeep, p.inside(p.beginMatter))
	on("GET /enforcement/{matter}", access.MatterRead, p.matter)
	on("POST /enforcement/{matter}/{act}", access.MatterRead, p.changeMatter)
}

// inside lets in who is admitted to the compartment of enforcement: to everybody
// else there is no such page.
func (p pages) inside(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !access.Can(door.Actor(r.Context()), access.MatterRead, access.Thing{Kind: enforcement.KindMatter, Compartment: enforcement.Compartment}) {
			p.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
			return
		}
		next(w, r)
	}
}

func (s *sheet) keepsMatters() bool {
	return access.Can(s.reader, access.MatterKeep, access.Thing{Compartment: enforcement.Compartment})
}

func (p pages) matters(w http.ResponseWriter, r *http.Request) {
	s, q := sheetOf(r, "", 0, "", ui.FormOf()), r.URL.Query()
	ask := store.Matters{Scope: access.ScopeOf(s.reader, access.MatterRead), Open: q.Get("show") != "closed", After: q.Get("after"), Limit: listed + 1}
	var rows []store.MatterRow
	var counts []store.MatterCount
	if err := p.App.Store().View(r.Context(), func(t *store.Tx) (err error) {
		if rows, err = t.ListMatters(ask); err != nil {
			return err
		}
		counts, err = t.MatterCounts(ask.Scope)
		return err
	}); err != nil {
		p.Fail(w, r, fault.Wrap(err, "followup: enforcement"))
		return
	}
	base := "/enforcement?"
	if !ask.Open {
		base = "/enforcement?show=closed&"
	}
	rows, pages := pager(rows, base, func(x store.MatterRow) string { return x.ID }, ask.After == "")
	t := ui.Table{
		Caption: s.t("followup.matters.title"), Hide: true, Walk: true,
		Columns: []ui.Column{{Title: s.t("followup.matter.reference")}, {Title: s.t("followup.matter.org")}, {Title: s.t("followup.matter.kind")}, {Title: s.t("followup.matter.outcome")}, {Title: s.t("followup.incident.opened")}},
	}
	for _, x := range rows {
		t.Rows = append(t.Rows, []ui.Cell{{Text: x.Reference, Href: "/enforcement/" + x.ID, Sub: x.Title}, {Text: x.OrgName}, {Text: s.t("followup.matter.kind." + x.Kind)}, {Text: s.outcome(x.Outcome)}, {Value: ui.Day(x.Opened)}})
	}
	v := page{Sub: s.t("followup.matters.sub"), Tabs: []ui.Tab{
		{Text: s.t("followup.incidents.open"), Href: "/enforcement", Current: ask.Open}, {Text: s.t("followup.incidents.closed"), Href: "/enforcement?show=closed", Current: !ask.Open},
	}, Cards: []card{{"matters", "", []templ.Component{list(t, pages, s.t("followup.matters.none"), s.t("followup.matters.none.text"))}}}}
	if !ask.Open && len(counts) > 0 {
		n := ui.Table{Caption: s.t("followup.matters.figures"), Hide: true, Columns: []ui.Column{{Title: s.t("followup.matter.kind")}, {Title: s.t("followup.matter.outcome")}, {Title: s.t("followup.matters.count"), Numeric: true}}}
		for _, c := range counts {
			n.Rows = append(n.Rows, []ui.Cell{{Text: s.t("followup.matter.kind." + c.Kind)}, {Text: s.outcome(c.Outcome)}, {Text: ui.P(s.ctx).Int(c.Count)}})
		}
		v.Cards = append(v.Cards, card{"figures", s.t("followup.matters.figures"), []templ.Component{ui.DataTable(n)}})
	}
	if s.keepsMatters() {
		v.Buttons = []ui.Link{{Text: s.t("followup.matters.new"), Href: "/enforcement/new"}}
	}
	ui.Render(w, r, http.StatusOK, pageView(p.frame(w, r, s.t("followup.matters.title"), nil), v))
}

// outcome is an outcome in words; a dash where none holds.
func (s *sheet) outcome(o string) string {
	if o == "" {
		return "–"
	}
	return s.t("enforcement.outcome." + o)
}

func (p pages) newMatter(w http.ResponseWriter, r *http.Request) {
	p.drawNewMatter(w, r, http.StatusOK, "", ui.FormOf())
}

func (p pages) drawNewMatter(w http.ResponseWriter, r *http.Request, status int, failed string, f ui.Form) {
	s := sheetOf(r, "/enforcement", 0, failed, f)
	c := s.ask("begin", []string{"id", s.once, "cited", r.URL.Query().Get("cited")}, ui.Consequences{Told: []string{s.t("followup.matter.nobody")}},
		field{Name: "id", Kind: hidden}, field{Name: "kind", Kind: radios, Options: options(s, "followup.matter.kind.", enforcement.Kinds)}, field{Name: "org", Hinted: true},
		field{Name: "title"}, field{Name: "what", Kind: area}, field{Name: "cited", Kind: area, Rows: 2, Optional: true, Hinted: true})
	c.Title = ""
	ui.Render(w, r, status, pageView(p.frame(w, r, s.t("followup.matters.new"), &f, ui.Link{Text: s.t("followup.matters.title"), Href: "/enforcement"}), page{Sub: s.t("followup.matters.sub"), Cards: []card{c}}))
}

func (p pages) beginMatter(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	id := r.PostForm.Get("begin.id")
	if len(id) != len(node.NewID()) {
		p.Fail(w, r, fault.New(fault.Invalid, "fault.bad_request"))
		return
	}
	p.answer(w, r, "begin", node.MatterStream(id), func(g given) any {
		org := ""
		if err := p.App.Store().View(r.Context(), func(t *store.Tx) (err error) {
			org, err = t.OrgByName(g.text("org"))
			return err
		}); err != nil || org == "" {
			g.bad.Field("org", "enforcement.org")
		}
		return enforcement.Open{OnMatter: enforcement.OnMatter{Matter: id}, Kind: enforcement.Kind(g.text("kind")), Org: org, Words: enforcement.Words{Title: g.text("title"), What: g.text("what"), Cited: g.text("cited")}}
	}, func() { ui.SeeOther(w, r, "/enforcement/"+id) }, func(status int, f ui.Form) { p.drawNewMatter(w, r, status, "begin", f) })
}

func (p pages) matter(w http.ResponseWriter, r *http.Request) {
	p.drawMatter(w, r, http.StatusOK, "", ui.FormOf())
}

// changeMatter answers the forms of an enforcement file.
func (p pages) changeMatter(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	id, act := r.PathValue("matter"), r.PathValue("act")
	on := enforcement.OnMatter{Matter: id}
	var build func(g given) any
	switch act {
	case "note":
		build = func(g given) any { return enforcement.Note{OnMatter: on, Text: g.text("text")} }
	case "question":
		build = func(g given) any {
			return enforcement.Ask{OnMatter: on, ID: node.NewID(), Text: g.text("text"), Due: g.day("due")}
		}
	case "decide":
		build = func(g given) any {
			c := enforcement.Propose{OnMatter: on, ID: node.NewID(), Outcome: enforcement.Outcome(g.text("outcome")), Why: g.text("why"), Told: g.text("told")}
			c.Amount, c.Currency = g.money("sum")
			return c
		}
	case "agree":
		build = func(g given) any { return enforcement.Confirm{OnMatter: on, ID: g.text("id")} }
	case "return":
		build = func(g given) any {
			return enforcement.Return{OnMatter: on, ID: g.text("id"), Why: g.text("why")}
		}
	case "rule":
		build = func(g given) any {
			c := enforcement.Rule{OnMatter: on, Ruling: enforcement.Ruling(g.text("ruling")), Outcome: enforcement.Outcome(g.text("outcome")), Told: g.text("told")}
			c.Amount, c.Currency = g.money("sum")
			return c
		}
	case "gap":
		build = func(g given) any {
			return enforcement.RaiseGap{OnMatter: on, ID: node.NewID(), Element: g.text("element"), What: g.text("what")}
		}
	case "shut":
		build = func(g given) any { return enforcement.Close{OnMatter: on, Why: g.text("why")} }
	default:
		p.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
		return
	}
	p.answer(w, r, act, node.MatterStream(id), build, func() { ui.SeeOther(w, r, "/enforcement/"+id) }, func(status int, f ui.Form) { p.drawMatter(w, r, status, act, f) })
}

// money reads an amount typed as "1500 EUR"; nothing typed is none.
func (g given) money(name string) (int64, string) {
	amount, currency, _ := strings.Cut(g.text(name), " ")
	if amount == "" {
		return 0, ""
	}
	m, ok := ui.ParseMoney(map[string][]string{name + ".amount": {amount}, name + ".currency": {strings.ToUpper(strings.TrimSpace(currency))}}, name, fault.New(fault.Invalid, "followup.invalid"))
	if !ok || len(m.Currency) != 3 {
		g.bad.Field(name, "enforcement.sum")
	}
	return m.Minor, m.Currency
}

// matterSheet is an enforcement file's page in the making.
type matterSheet struct {
	*sheet
	*node.MatterFile
}

func (p pages) drawMatter(w http.ResponseWriter, r *http.Request, status int, failed string, f ui.Form) {
	file, err := p.App.MatterFile(r.Context(), door.Actor(r.Context()), r.PathValue("matter"))
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	m := &matterSheet{sheetOf(r, "/enforcement/"+file.ID, file.Version, failed, f), file}
	rows := row(nil, m.t("followup.matter.cited"), m.Words.Cited)
	v := page{Sub: m.Words.Title, Facts: []ui.Fact{
		{Label: m.t("followup.matter.org"), Text: m.Name(m.Org)},
		{Label: m.t("followup.matter.kind"), Text: m.t("followup.matter.kind." + string(m.Kind))},
		{Label: m.t("followup.matter.outcome"), Text: m.outcome(string(m.Holds()))},
		{Label: m.t("followup.incident.opened"), Value: ui.Moment(m.Matter.Opened.At)},
	}, Cards: []card{{"what", m.t("followup.incident.what"), []templ.Component{ui.Paragraphs(m.Words.What), ui.Summary(rows)}}}}
	for _, q := range m.Questions {
		body := []templ.Component{ui.Paragraphs(q.Asked.Text.Value), meta(m.t("followup.matter.due", "day", dayText(m.ctx, string(q.Due))))}
		if q.Answer != nil {
			body = append(body, strong(m.t("followup.matter.answer")), ui.Paragraphs(q.Answer.Text.Value))
		}
		v.Cards = append(v.Cards, card{"", m.t("followup.matter.question"), body})
	}
	for _, d := range m.Decisions {
		v.Cards = append(v.Cards, m.decision(d)...)
	}
	if a := m.Appeal; a != nil {
		body := []templ.Component{ui.Paragraphs(a.Text.Value), meta(m.t("followup.matter.by", "who", m.Name(m.Org), "at", a.By.At))}
		if a.Ruling != "" {
			body = append(body, strong(m.t("enforcement.ruling."+string(a.Ruling))), ui.Paragraphs(a.Told.Value), meta(m.t("followup.matter.by", "who", m.Name(a.Ruled.Account), "at", a.Ruled.At)))
		}
		v.Cards = append(v.Cards, card{"appeal", m.t("followup.matter.appeal"), body})
	}
	if len(m.Notes)+len(m.Gaps) > 0 {
		var said []ui.Event
		for _, n := range m.Notes {
			said = append(said, ui.Event{Time: n.By.At, By: m.Name(n.By.Account), Text: n.Text.Value})
		}
		for _, g := range m.Gaps {
			said = append(said, ui.Event{Time: g.What.By.At, By: m.Name(g.What.By.Account), Text: m.t("followup.matter.gap", "element", g.Element), Why: g.What.Text.Value})
		}
		v.Cards = append(v.Cards, card{"notes", m.t("followup.matter.notes"), []templ.Component{ui.Timeline(said)}})
	}
	if v.Aside = m.forms(); len(v.Aside) == 0 && !m.Open() {
		v.Aside = []card{{"closed", m.t("followup.incident.closed"), []templ.Component{ui.Paragraphs(m.Ended.Value)}}}
	}
	ui.Render(w, r, status, pageView(p.frame(w, r, m.Reference, &f, ui.Link{Text: m.t("followup.matters.title"), Href: "/enforcement"}), v))
}

func (m *matterSheet) decides() bool {
	return m.Open() && access.Can(m.reader, access.MatterDecide, access.Thing{Compartment: enforcement.Compartment})
}

// decision is one outcome, with the second person's forms where it waits.
func (m *matterSheet) decision(d enforcement.Decision) []card {
	text := m.outcome(string(d.Outcome))
	if d.Amount > 0 {
		text += " · " + ui.P(m.ctx).Money(d.Amount, d.Currency)
	}
	rows := row(nil, m.t("followup.matter.outcome"), text)
	rows = row(rows, m.t("followup.matter.told"), d.Told.Value)
	rows = row(rows, m.t("followup.act.why"), d.Why.Value)
	state := m.t("followup.matter.waits")
	switch {
	case d.Returned.Account != "":
		state = m.t("followup.act.returned", "who", m.Name(d.Returned.Account), "why", d.Answer.Value)
	case d.Confirmed.Account != "":
		state = m.t("followup.matter.confirmed", "who", m.Name(d.Confirmed.Account), "at", d.Confirmed.At, "until", d.Until)
	}
	out := []card{{"", m.t("followup.matter.decision"), []templ.Component{ui.Summary(rows), strong(state), meta(m.t("followup.matter.by", "who", m.Name(d.By.Account), "at", d.By.At))}}}
	if d.Waits() && m.decides() && d.Person != m.reader.Account {
		out = append(out, m.ask("agree", []string{"id", d.ID}, ui.Consequences{Told: []string{m.t("followup.agree.told")}}, field{Name: "id", Kind: hidden}),
			m.later(true, "return", []string{"id", d.ID}, field{Name: "id", Kind: hidden}, field{Name: "why", Kind: area, Rows: 2}))
	}
	return out
}

func (m *matterSheet) forms() (out []card) {
	outcomes := field{Name: "outcome", Kind: radios, Options: options(m.sheet, "enforcement.outcome.", enforcement.Outcomes)}
	sum := field{Name: "sum", Kind: code, Optional: true, Hinted: true}
	if m.Open() && m.keepsMatters() {
		decided := m.Decided() != nil || slices.ContainsFunc(m.Decisions, enforcement.Decision.Waits)
		out = append(out, m.later(decided, "question", nil, field{Name: "text", Kind: area}, field{Name: "due", Kind: date}))
		if !decided {
			out = append(out, m.later(len(m.Questions) == 0, "decide", nil, outcomes, sum, field{Name: "told", Kind: area, Hinted: true}, field{Name: "why", Kind: area, Hinted: true}))
		}
		out = append(out, m.later(true, "note", nil, field{Name: "text", Kind: area}), m.later(true, "gap", nil, field{Name: "element", Kind: code, Hinted: true}, field{Name: "what", Kind: area, Hinted: true}), m.later(true, "shut", nil, field{Name: "why", Kind: area, Rows: 2}))
	}
	if d := m.Decided(); m.decides() && m.Appeal != nil && m.Appeal.Ruling == "" && m.reader.Account != d.Person && m.reader.Account != d.Confirmed.Account {
		outcomes.Optional = true
		out = append(out, m.later(false, "rule", nil, field{Name: "ruling", Kind: radios, Options: options(m.sheet, "enforcement.ruling.", enforcement.Rulings)}, outcomes, sum, field{Name: "told", Kind: area}))
	}
	return out
}
