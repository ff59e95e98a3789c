package followup

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/incidents"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/party"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

func (p pages) incidentRoutes(on on) {
	on("GET /incidents", access.IncidentRead, p.incidents)
	on("GET /incidents/new", access.IncidentKeep, p.newIncident)
	on("POST /incidents/open", access.IncidentKeep, p.openIncident)
	on("GET /incidents/{incident}", access.IncidentRead, p.incident)
	on("POST /incidents/{incident}/{act}", access.IncidentRead, p.changeIncident)
}

func (p pages) incidents(w http.ResponseWriter, r *http.Request) {
	s, q := sheetOf(r, "", 0, "", ui.FormOf()), r.URL.Query()
	open := q.Get("show") != "closed"
	var rows []store.IncidentRow
	if err := p.App.Store().View(r.Context(), func(t *store.Tx) (err error) {
		rows, err = t.ListIncidents(access.ScopeOf(s.reader, access.IncidentRead), open, "", "", q.Get("after"), listed+1)
		return err
	}); err != nil {
		p.Fail(w, r, fault.Wrap(err, "followup: incidents"))
		return
	}
	base := "/incidents?"
	if !open {
		base = "/incidents?show=closed&"
	}
	rows, pages := pager(rows, base, func(x store.IncidentRow) string { return x.ID }, q.Get("after") == "")
	t := ui.Table{
		Caption: s.t("followup.incidents.title"), Hide: true, Walk: true,
		Columns: []ui.Column{{Title: s.t("followup.incident.reference")}, {Title: s.t("followup.incident.kind")}, {Title: s.t("followup.incident.urgency")}, {Title: s.t("followup.incident.opened")}},
	}
	for _, x := range rows {
		t.Rows = append(t.Rows, []ui.Cell{{Text: x.Reference, Href: "/incidents/" + x.ID, Sub: x.Title}, {Text: s.t("followup.kind." + x.Kind)}, {Value: urgencyChip(s, incidents.Urgency(x.Urgency))}, {Value: ui.Day(x.Opened)}})
	}
	v := page{Sub: s.t("followup.incidents.sub"), Tabs: []ui.Tab{
		{Text: s.t("followup.incidents.open"), Href: "/incidents", Current: open}, {Text: s.t("followup.incidents.closed"), Href: "/incidents?show=closed", Current: !open},
	}, Cards: []card{{"incidents", "", []templ.Component{list(t, pages, s.t("followup.incidents.none"), s.t("followup.incidents.none.text"))}}}}
	if access.Can(s.reader, access.IncidentKeep, access.Thing{}) {
		v.Buttons = []ui.Link{{Text: s.t("followup.incidents.new"), Href: "/incidents/new"}}
	}
	ui.Render(w, r, http.StatusOK, pageView(p.frame(w, r, s.t("followup.incidents.title"), nil), v))
}

func urgencyChip(s *sheet, u incidents.Urgency) templ.Component {
	tone := ui.Plain
	if u == incidents.Hour {
		tone = ui.Needs
	}
	return ui.Chip(tone, s.t("followup.urgency."+string(u)))
}

// weighing are the fields that say how grave it is.
func weighing(s *sheet) []field {
	out := []field{{Name: "title"}, {Name: "what", Kind: area, Rows: 4, Hinted: true}, {Name: "urgency", Kind: radios, Options: options(s, "followup.urgency.", incidents.Urgencies)}}
	for _, g := range incidents.Groups {
		out = append(out, field{Name: "group." + g, Kind: radios, Width: 1, Label: s.t("followup.group." + g), Options: options(s, "followup.effect.", incidents.Effects)})
	}
	return append(out, field{Name: "state_can", Kind: area, Rows: 3, Hinted: true})
}

// linking are the fields that say what it is about. End users are found in the
// register by name, and chosen; without scripts a search draws the page again.
func (p pages) linking(s *sheet, act string) []field {
	find := field{Name: "find", Kind: search, Optional: true, Hinted: true}
	fields := []field{find}
	if act == s.failed {
		var found []ui.Option
		for _, e := range s.found {
			found = append(found, s.entry(e))
		}
		if len(found) > 0 {
			fields = append(fields, field{Name: "user", Kind: checks, Options: found, Optional: true})
		} else if s.form.Value(act+".find") != "" {
			fields[0].Hint, fields[0].Hinted = s.t("followup.find.none"), false
		}
	}
	return append(fields, field{Name: "item", Kind: code, Optional: true, Hinted: true}, field{Name: "destination", Kind: country, Optional: true, States: ui.States(ui.P(s.ctx), p.States)})
}

// find looks up the end users that a form which came back may choose from.
func (p pages) find(s *sheet) (err error) {
	if s.failed == "open" || s.failed == "tie" {
		s.found, err = p.App.Entries(s.ctx, s.reader, s.form.Value(s.failed+".find"), s.form.Values(s.failed+".user"))
	}
	return err
}

// entry is an entry of the register as a choice, with what tells it from others:
// its country, its other names and its units.
func (s *sheet) entry(e *party.Entry) ui.Option {
	o := ui.Option{Value: e.ID, Text: party.PrimaryName(e.Details.Names)}
	about := []string{ui.P(s.ctx).Country(e.Country)}
	for _, n := range e.Details.Names {
		if n.Text != o.Text {
			about = append(about, n.Text)
		}
		if n.Latin != "" {
			about = append(about, n.Latin)
		}
	}
	for _, u := range e.Units {
		about = append(about, s.t("followup.find.unit", "unit", party.PrimaryName(u.Names)))
	}
	o.Hint = strings.Join(about, " · ")
	return o
}

func linksOf(g given) (out []incidents.Link) {
	for _, x := range g.Values["user"] {
		out = append(out, incidents.Link{Kind: incidents.User, Ref: x})
	}
	for _, x := range g.lines("item") {
		out = append(out, incidents.Link{Kind: incidents.Item, Ref: x})
	}
	if x := g.text("destination"); x != "" {
		out = append(out, incidents.Link{Kind: incidents.Destination, Ref: x})
	}
	return out
}

func weighedOf(g given) (incidents.Words, []incidents.On) {
	var groups []incidents.On
	for _, x := range incidents.Groups {
		groups = append(groups, incidents.On{Group: x, Effect: incidents.Effect(g.text("group." + x))})
	}
	return incidents.Words{Title: g.text("title"), What: g.text("what"), StateCan: g.text("state_can")}, groups
}

func (p pages) newIncident(w http.ResponseWriter, r *http.Request) {
	p.drawNewIncident(w, r, http.StatusOK, "", ui.FormOf())
}

func (p pages) drawNewIncident(w http.ResponseWriter, r *http.Request, status int, failed string, f ui.Form) {
	s := sheetOf(r, "/incidents", 0, failed, f)
	if err := p.find(s); err != nil {
		p.Fail(w, r, err)
		return
	}
	fields := append([]field{{Name: "id", Kind: hidden}, {Name: "kind", Kind: radios, Options: options(s, "followup.kind.", incidents.Kinds)}}, weighing(s)...)
	fields = append(fields, p.linking(s, "open")...)
	fields = append(fields, field{Name: "received", Kind: date}, field{Name: "origin", Kind: radios, Options: options(s, "followup.origin.", incidents.Origins)}, field{Name: "raised", Kind: area, Rows: 2, Optional: true, Hinted: true}, field{Name: "compartment", Optional: true, Hinted: true})
	c := s.ask("open", []string{"id", s.once}, ui.Consequences{Told: []string{s.t("followup.incident.nobody")}}, fields...)
	c.Title = ""
	ui.Render(w, r, status, pageView(p.frame(w, r, s.t("followup.incidents.new"), &f, ui.Link{Text: s.t("followup.incidents.title"), Href: "/incidents"}), page{Sub: s.t("followup.incident.new.sub"), Cards: []card{c}}))
}

func (p pages) openIncident(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	if r.PostForm.Get("find") != "" {
		p.drawNewIncident(w, r, http.StatusOK, "open", ui.NewForm(r.PostForm, nil))
		return
	}
	id := r.PostForm.Get("open.id")
	if len(id) != len(node.NewID()) {
		p.Fail(w, r, fault.New(fault.Invalid, "fault.bad_request"))
		return
	}
	p.answer(w, r, "open", node.IncidentStream(id), func(g given) any {
		words, groups := weighedOf(g)
		return incidents.Open{
			OnIncident: incidents.OnIncident{Incident: id}, Kind: incidents.Kind(g.text("kind")), Origin: incidents.Origin(g.text("origin")), Urgency: incidents.Urgency(g.text("urgency")),
			Received: g.day("received"), Compartment: g.text("compartment"), Links: linksOf(g), Groups: groups, Words: words, Raised: g.text("raised"),
		}
	}, func() { ui.SeeOther(w, r, "/incidents/"+id) }, func(status int, f ui.Form) { p.drawNewIncident(w, r, status, "open", f) })
}

func (p pages) incident(w http.ResponseWriter, r *http.Request) {
	p.drawIncident(w, r, http.StatusOK, "", ui.FormOf())
}

// changeIncident answers the forms of an incident's page.
func (p pages) changeIncident(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	id, act := r.PathValue("incident"), r.PathValue("act")
	if r.PostForm.Get("find") != "" {
		p.drawIncident(w, r, http.StatusOK, act, ui.NewForm(r.PostForm, nil))
		return
	}
	on, stream := incidents.OnIncident{Incident: id}, node.IncidentStream(id)
	var build func(g given) any
	switch act {
	case "tie":
		build = func(g given) any { return incidents.Tie{OnIncident: on, Links: linksOf(g), Why: g.text("why")} }
	case "weigh":
		build = func(g given) any {
			words, groups := weighedOf(g)
			return incidents.Weigh{OnIncident: on, Urgency: incidents.Urgency(g.text("urgency")), Groups: groups, Words: words}
		}
	case "propose":
		build = func(g given) any { return proposalOf(on, g) }
	case "confirm":
		build = func(g given) any { return incidents.Confirm{OnIncident: on, ID: g.text("id")} }
	case "return":
		build = func(g given) any { return incidents.Return{OnIncident: on, ID: g.text("id"), Why: g.text("why")} }
	case "halt":
		build = func(g given) any {
			return incidents.Halt{OnIncident: on, ID: node.NewID(), Licences: g.Values["licences"], Told: g.text("told"), Why: g.text("why")}
		}
	case "uphold":
		build = func(g given) any { return incidents.Uphold{OnIncident: on, ID: g.text("id"), Why: g.text("why")} }
	case "answer":
		build = func(g given) any {
			return incidents.Answer{OnIncident: on, Day: g.day("day"), Text: g.text("text")}
		}
	case "lift":
		build = func(g given) any { return incidents.Lift{Country: g.text("country"), Why: g.text("why")} }
	case "exempt":
		build = func(g given) any {
			return incidents.Exempt{Country: g.text("country"), Case: g.text("case"), Why: g.text("why")}
		}
	case "end":
		build = func(g given) any { return incidents.Close{OnIncident: on, Why: g.text("why")} }
	default:
		p.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
		return
	}
	p.answer(w, r, act, stream, build, func() { ui.SeeOther(w, r, "/incidents/"+id) }, func(status int, f ui.Form) { p.drawIncident(w, r, status, act, f) })
}

func proposalOf(on incidents.OnIncident, g given) incidents.Propose {
	c := incidents.Propose{OnIncident: on, ID: node.NewID(), Ground: g.text("ground"), Presume: g.Values["presume"], From: g.day("from"), Told: g.text("told"), Why: g.text("why")}
	for _, d := range g.Values["duties"] {
		c.Duties = append(c.Duties, incidents.Duty(d))
	}
	for name := range g.Values {
		do := incidents.Doing(g.text(name))
		if do == "" || do == "none" {
			continue
		}
		if id, ok := strings.CutPrefix(name, "licence."); ok {
			c.Steps = append(c.Steps, incidents.Step{Licence: id, Do: do})
		}
		if id, ok := strings.CutPrefix(name, "case."); ok {
			c.Steps = append(c.Steps, incidents.Step{Case: id, Do: do})
		}
	}
	slices.SortFunc(c.Steps, func(a, b incidents.Step) int { return strings.Compare(a.Licence+"/"+a.Case, b.Licence+"/"+b.Case) })
	for _, l := range licensing.Levers {
		if state := g.text("reach." + string(l)); state != "" {
			c.Reach = append(c.Reach, incidents.Reach{Lever: string(l), State: state, How: g.text("how." + string(l))})
		}
	}
	return c
}

// incidentSheet is an incident's page in the making.
type incidentSheet struct {
	*sheet
	*node.IncidentFile
	now time.Time
	at  node.TouchedAt // from where what it touches is listed
}

// placeQuery is the part of an address that names a place in what is touched.
func placeQuery(at node.TouchedAt) string {
	if at == (node.TouchedAt{}) {
		return ""
	}
	return "?" + url.Values{"licences": {at.Licence}, "cases": {at.Case}}.Encode()
}

func (i *incidentSheet) may(act access.Act) bool {
	return i.Open() && access.Can(i.reader, act, access.Thing{Kind: incidents.KindIncident, Compartment: i.Compartment})
}

func (p pages) drawIncident(w http.ResponseWriter, r *http.Request, status int, failed string, f ui.Form) {
	at := node.TouchedAt{Licence: r.URL.Query().Get("licences"), Case: r.URL.Query().Get("cases")}
	file, err := p.App.IncidentFile(r.Context(), door.Actor(r.Context()), r.PathValue("incident"), at)
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	i := &incidentSheet{sheet: sheetOf(r, "/incidents/"+file.ID, file.Version, failed, f), IncidentFile: file, now: p.App.Now(), at: at}
	i.query = placeQuery(at)
	if err := p.find(i.sheet); err != nil {
		p.Fail(w, r, err)
		return
	}
	v := page{Sub: i.Words.Title, Next: i.next(), Facts: []ui.Fact{
		{Label: i.t("followup.incident.kind"), Text: i.t("followup.kind." + string(i.Kind))},
		{Label: i.t("followup.incident.urgency"), Value: urgencyChip(i.sheet, i.Urgency)},
		{Label: i.t("followup.incident.received"), Text: dayText(i.ctx, string(i.Received))},
		{Label: i.t("followup.incident.opened"), Value: ui.Moment(i.IncidentFile.Opened.At)},
	}}
	v.Cards = append(v.Cards, i.what(), i.about())
	v.Cards = append(v.Cards, i.waiting()...)
	if i.may(access.IncidentAct) && len(i.Licences) > 0 && i.Urgency == incidents.Hour {
		v.Cards = append(v.Cards, i.emergency())
	}
	v.Cards = append(v.Cards, i.touched()...)
	if len(i.Acts) > 0 {
		v.Cards = append(v.Cards, i.acts())
	}
	v.Aside = i.forms(p)
	if len(v.Aside) == 0 {
		v.Aside = []card{{"closed", i.t("followup.incident.closed"), []templ.Component{ui.Paragraphs(i.Ended.Value)}}}
	}
	ui.Render(w, r, status, pageView(p.frame(w, r, i.Reference, &f, ui.Link{Text: i.t("followup.incidents.title"), Href: "/incidents"}), v))
}

func (i *incidentSheet) next() string {
	switch {
	case !i.Open():
		return ""
	case slices.ContainsFunc(i.Acts, incidents.Act.Waits):
		return i.t("followup.next.second")
	case i.Words.StateCan == "":
		return i.t("followup.next.weigh")
	case i.Urgency == incidents.Hour && len(i.Acts) == 0:
		return i.t("followup.next.hour")
	case len(i.Links) == 0:
		return i.t("followup.next.tie")
	case len(i.Acts) == 0 && len(i.Licences)+len(i.Cases) > 0:
		return i.t("followup.next.propose")
	case i.IncidentFile.Incident.Origin == incidents.Outside && i.IncidentFile.Origin && len(i.Answers) == 0:
		return i.t("followup.next.answer")
	}
	return ""
}
