package followup

import (
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/incidents"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/web/ui"
)

// what is what happened, and whom it may affect.
func (i *incidentSheet) what() card {
	var rows []ui.SummaryRow
	for _, g := range i.Groups {
		rows = append(rows, ui.SummaryRow{Key: i.t("followup.group." + g.Group), Text: i.t("followup.effect." + string(g.Effect))})
	}
	can := i.Words.StateCan
	if can == "" {
		can = i.t("followup.incident.unsaid")
	}
	rows = append(rows, ui.SummaryRow{Key: i.t("followup.incident.state_can"), Text: can})
	if i.IncidentFile.Origin {
		rows = append(rows, ui.SummaryRow{Key: i.t("followup.incident.origin"), Text: i.t("followup.origin." + string(i.IncidentFile.Incident.Origin))})
		rows = row(rows, i.t("followup.incident.raised"), i.Raised.Value)
		for _, a := range i.Answers {
			rows = row(rows, i.t("followup.incident.answered", "day", dayText(i.ctx, string(a.Day))), a.Text.Value)
		}
	}
	return card{"what", i.t("followup.incident.what"), []templ.Component{ui.Paragraphs(i.Words.What), ui.Summary(rows)}}
}

// about is what the incident is tied to, with presumptions of denial.
func (i *incidentSheet) about() card {
	var rows []ui.SummaryRow
	for _, l := range i.Links {
		x := ui.SummaryRow{Key: i.t("followup.link." + string(l.Kind)), Text: l.Ref}
		switch l.Kind {
		case incidents.User:
			x.Value = link(i.Users[l.Ref], "/parties/"+l.Ref)
		case incidents.Destination:
			x.Text = ui.P(i.ctx).Country(l.Ref)
			if p := i.Presumed[l.Ref]; p != nil && p.From != "" && p.Lifted.Account == "" {
				x.Text += " · " + i.t("followup.incident.presumed", "from", dayText(i.ctx, string(p.From)))
			}
		case incidents.ToLicence:
			x.Value = link(i.t("followup.incident.see"), "/licences/"+l.Ref)
		case incidents.ToCase:
			x.Value = link(i.t("followup.incident.see"), "/cases/"+l.Ref)
		}
		rows = append(rows, x)
	}
	body := []templ.Component{ui.Summary(rows)}
	if len(rows) == 0 {
		body = []templ.Component{meta(i.t("followup.incident.untied"))}
	}
	if cases := i.Of(incidents.ToCase); access.Can(i.reader, access.ExchangeWrite, access.Thing{}) && len(cases)+len(i.Cases) > 0 {
		for _, c := range i.Cases {
			cases = append(cases, c.ID)
		}
		body = append(body, link(i.t("exchange.report_this"), "/exchange/new/report?case="+url.QueryEscape(cases[0])))
	}
	return card{"about", i.t("followup.incident.about"), body}
}

// steps say in words what an act does.
func (i *incidentSheet) steps(list []incidents.Step) templ.Component {
	names := map[string]string{}
	for _, l := range i.Licences {
		names[l.ID] = l.Reference
	}
	for _, c := range i.Cases {
		names[c.ID] = c.Reference
	}
	var out []string
	hidden := 0
	for _, s := range list {
		name := names[s.Licence+s.Case]
		if name == "" {
			hidden++
			continue
		}
		out = append(out, i.t("followup.step", "what", name, "do", i.t("followup.do."+string(s.Do))))
	}
	if hidden > 0 {
		out = append(out, i.t("followup.step.ended"))
	}
	return bullets(out)
}

// waiting are the acts that wait for a second person, who takes them one by one.
func (i *incidentSheet) waiting() (out []card) {
	asked := false
	for _, a := range i.Acts {
		if !a.Waits() {
			continue
		}
		title, act := i.t("followup.act.waits"), "confirm"
		body := []templ.Component{i.steps(a.Steps)}
		if a.Emergency {
			title, act = i.t("followup.emergency.waits", "lapses", a.Lapses), "uphold"
		}
		body = append(body, i.acting(a)...)
		id := "waiting"
		if len(out) > 0 {
			id = ""
		}
		out = append(out, card{id, title, body})
		if asked || !i.may(access.IncidentAct) || a.Person == i.reader.Account {
			continue
		}
		asked = true
		start := []string{"id", a.ID}
		if a.Emergency {
			out = append(out, i.ask(act, start, ui.Consequences{}, field{Name: "id", Kind: hidden}, field{Name: "why", Kind: area, Rows: 2}))
			continue
		}
		happens := i.t("followup.confirm.happens")
		if i.IncidentFile.Incident.Origin == incidents.Outside {
			happens = i.t("followup.confirm.later", "at", i.Effect)
		}
		out = append(out, i.ask(act, start, ui.Consequences{Happens: []string{happens}, Told: []string{i.t("followup.confirm.told")}}, field{Name: "id", Kind: hidden}))
		out = append(out, i.later(true, "return", []string{"id", a.ID}, field{Name: "id", Kind: hidden}, field{Name: "why", Kind: area, Rows: 2}))
	}
	return out
}

// acting is what an act says in words.
func (i *incidentSheet) acting(a incidents.Act) []templ.Component {
	rows := row(nil, i.t("followup.act.told"), a.Told.Value)
	var duties []string
	for _, d := range a.Duties {
		duties = append(duties, i.t("licensing.name.told."+string(d)))
	}
	rows = row(rows, i.t("followup.act.duties"), strings.Join(duties, "; "))
	for _, c := range a.Presume {
		rows = row(rows, i.t("followup.act.presume"), i.t("followup.act.presume.from", "country", ui.P(i.ctx).Country(c), "from", dayText(i.ctx, string(a.From))))
	}
	switch {
	case !a.Announced.IsZero():
		rows = row(rows, i.t("followup.act.announced"), i.t("followup.act.announced.at", "at", a.Announced))
	case !a.Tells.IsZero() && a.Lapsed.IsZero():
		rows = row(rows, i.t("followup.act.announced"), i.t("followup.act.tells", "at", a.Tells))
	case !a.Tells.IsZero():
		rows = row(rows, i.t("followup.act.announced"), i.t("followup.act.untold"))
	}
	rows = row(rows, i.t("followup.act.why"), a.Why.Value)
	return []templ.Component{ui.Summary(rows), meta(i.t("followup.act.by", "who", i.Name(a.By.Account), "at", a.By.At))}
}

// counted is a number in words, of which there may be more.
func (i *incidentSheet) counted(n node.Counted) string {
	text := ui.P(i.ctx).Int(int64(n.Number))
	if n.More {
		text += "+"
	}
	return text
}

// touched are the live licences and open cases, and the form of one act on all.
func (i *incidentSheet) touched() []card {
	propose := i.may(access.IncidentKeep)
	for _, a := range i.Acts {
		propose = propose && !a.Waits()
	}
	if len(i.Licences)+len(i.Cases) == 0 && !(propose && len(i.Of(incidents.Destination)) > 0) {
		return []card{{"touched", i.t("followup.touched"), []templ.Component{meta(i.t("followup.touched.none"))}}}
	}
	t := ui.Table{Caption: i.t("followup.touched"), Hide: true, Columns: []ui.Column{{Title: i.t("followup.touched.what")}, {Title: i.t("followup.touched.holder")}, {Title: i.t("followup.touched.destination")}, {Title: i.t("followup.check.status")}}}
	var fields []field
	for _, l := range i.Licences {
		t.Rows = append(t.Rows, []ui.Cell{{Text: l.Reference, Href: "/licences/" + l.ID, Sub: l.Title}, {Text: l.OrgName}, {Text: ui.P(i.ctx).Country(l.Destination)}, {Text: i.t("licensing.name.licence." + l.Status)}})
		fields = append(fields, field{Name: "licence." + l.ID, Kind: choose, Label: i.t("followup.touched.do", "what", l.Reference), Optional: true, Options: options(i.sheet, "followup.do.", incidents.ForLicence)})
	}
	for _, c := range i.Cases {
		t.Rows = append(t.Rows, []ui.Cell{{Text: c.Reference, Href: "/cases/" + c.ID, Sub: c.Title}, {Text: i.t("followup.touched.case")}, {Text: ui.P(i.ctx).Country(c.Destination)}, {Text: i.t("licensing.name.stage." + c.Stage)}})
		fields = append(fields, field{Name: "case." + c.ID, Kind: choose, Label: i.t("followup.touched.do", "what", c.Reference), Optional: true, Options: options(i.sheet, "followup.do.", incidents.ForCase)})
	}
	body := []templ.Component{ui.DataTable(t)}
	if i.Next != (node.TouchedAt{}) || i.query != "" {
		pages := ui.Pages{Shown: len(i.Licences) + len(i.Cases)}
		if i.Next != (node.TouchedAt{}) {
			pages.Next = i.base + placeQuery(i.Next)
		}
		if i.query != "" {
			pages.Prev = i.base
		}
		body = append(body, meta(i.t("followup.touched.more", "licences", i.counted(i.Touches[0]), "cases", i.counted(i.Touches[1]))), ui.Pager(pages))
	}
	out := []card{{"touched", i.t("followup.touched"), body}}
	if !propose {
		return out
	}
	if places := i.Of(incidents.Destination); len(places) > 0 {
		var choice []ui.Option
		for _, c := range places {
			choice = append(choice, ui.Option{Value: c, Text: ui.P(i.ctx).Country(c)})
		}
		fields = append(fields, field{Name: "presume", Kind: checks, Options: choice, Optional: true, Hinted: true}, field{Name: "from", Kind: date, Optional: true})
	}
	fields = append(fields,
		field{Name: "ground", Kind: radios, Options: options(i.sheet, "deciding.licence.ground.", []string{"new_facts", "condition", "assurance", "listed", "law", "holder", "other"})},
		field{Name: "duties", Kind: checks, Options: options(i.sheet, "licensing.name.told.", incidents.Duties), Optional: true},
		field{Name: "told", Kind: area, Rows: 4, Hinted: true}, field{Name: "why", Kind: area, Rows: 3, Hinted: true})
	if len(i.Licences) > 0 {
		var reach []field
		for _, l := range licensing.Levers {
			reach = append(reach,
				field{Name: "reach." + string(l), Kind: choose, Optional: true, Label: i.t("followup.reach", "lever", i.t("deciding.reach.lever."+string(l))), Options: options(i.sheet, "deciding.reach.", []licensing.ReachState{licensing.CanStop, licensing.CannotStop, licensing.NotPart})},
				field{Name: "how." + string(l), Optional: true, Label: i.t("deciding.reach.how_label", "lever", i.t("deciding.reach.lever."+string(l)))})
		}
		fields = append(fields, field{Label: i.t("followup.reach.fold"), Fold: reach})
	}
	return append(out, i.ask("propose", nil, ui.Consequences{Happens: []string{i.t("followup.propose.happens")}}, fields...))
}

// emergency is the form by which one senior officer suspends at once.
func (i *incidentSheet) emergency() card {
	var choice []ui.Option
	for _, l := range i.Licences {
		if l.Status != string(licensing.Suspended) {
			choice = append(choice, ui.Option{Value: l.ID, Text: l.Reference, Hint: l.OrgName})
		}
	}
	if len(choice) == 0 {
		return card{"halt", i.t("followup.form.halt"), []templ.Component{meta(i.t("followup.halt.none"))}}
	}
	return i.ask("halt", nil, ui.Consequences{Happens: []string{i.t("followup.halt.happens")}, Told: []string{i.t("followup.halt.told", "at", i.Tells)}},
		field{Name: "licences", Kind: checks, Options: choice}, field{Name: "told", Kind: area, Rows: 3, Hinted: true}, field{Name: "why", Kind: area, Rows: 2, Hinted: true})
}

// acts are those that are over, or wait for their hour.
func (i *incidentSheet) acts() card {
	var body []templ.Component
	for n := len(i.Acts) - 1; n >= 0; n-- {
		a := i.Acts[n]
		if a.Waits() {
			continue
		}
		state := ""
		switch {
		case a.Returned.Account != "":
			state = i.t("followup.act.returned", "who", i.Name(a.Returned.Account), "why", a.Answer.Value)
		case !a.Lapsed.IsZero():
			state = i.t("followup.act.lapsed", "at", a.Lapsed)
		case a.Done.IsZero():
			state = i.t("followup.act.effect", "who", i.Name(a.Confirmed.Account), "at", a.Effect)
		default:
			state = i.t("followup.act.done", "who", i.Name(a.Confirmed.Account), "at", a.Done)
		}
		body = append(body, strong(state), i.steps(a.Steps))
		if len(a.Failed) > 0 {
			body = append(body, meta(i.t("followup.act.failed")), i.steps(a.Failed))
		}
		body = append(body, i.acting(a)...)
	}
	if len(body) == 0 {
		body = []templ.Component{meta(i.t("followup.acts.none"))}
	}
	return card{"acts", i.t("followup.acts"), body}
}

// forms are what the reader may do besides.
func (i *incidentSheet) forms(p pages) (out []card) {
	if i.may(access.IncidentKeep) {
		out = append(out, i.later(len(i.Links) > 0, "tie", nil, append(p.linking(i.sheet, "tie"), field{Name: "why", Kind: area, Rows: 2})...))
		start := []string{"title", i.Words.Title, "what", i.Words.What, "state_can", i.Words.StateCan, "urgency", string(i.Urgency)}
		for _, g := range i.Groups {
			start = append(start, "group."+g.Group, string(g.Effect))
		}
		out = append(out, i.later(i.Words.StateCan != "", "weigh", start, weighing(i.sheet)...))
		if i.IncidentFile.Origin {
			out = append(out, i.later(len(i.Answers) > 0 || i.IncidentFile.Incident.Origin != incidents.Outside, "answer", nil, field{Name: "day", Kind: date}, field{Name: "text", Kind: area, Rows: 4, Hinted: true}))
		}
	}
	if i.may(access.IncidentAct) {
		var holds []ui.Option
		for _, c := range i.Of(incidents.Destination) {
			if x := i.Presumed[c]; x != nil && x.From != "" && x.Lifted.Account == "" {
				holds = append(holds, ui.Option{Value: c, Text: ui.P(i.ctx).Country(c)})
			}
		}
		if len(holds) > 0 {
			place := field{Name: "country", Kind: choose, Options: holds}
			out = append(out, i.later(true, "exempt", nil, place, field{Name: "case", Kind: code, Hinted: true}, field{Name: "why", Kind: area, Rows: 3}), i.later(true, "lift", nil, place, field{Name: "why", Kind: area, Rows: 3}))
		}
	}
	if i.may(access.IncidentKeep) {
		out = append(out, i.later(true, "end", nil, field{Name: "why", Kind: area, Rows: 2}))
	}
	return out
}
