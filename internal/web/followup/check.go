package followup

import (
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/verification"
	"github.com/comity-project/comity/internal/web/ui"
)

// checkSheet is a check's page in the making.
type checkSheet struct {
	*sheet
	*node.CheckFile
	officers []ui.Option
}

// takes tells whether the reader may give a command and the check takes it.
func (c *checkSheet) takes(act string) bool {
	for _, t := range verification.CheckTable {
		if t.Command == "check."+act {
			return slices.Contains(t.From, c.Status) && access.Can(c.reader, t.Act, access.Thing{Org: c.On.Org, Compartment: c.On.Compartment})
		}
	}
	return false
}

// drawCheck draws a check: on a phone what is to be seen and answered comes
// first, then papers, then what is arranged and concluded.
func (p pages) drawCheck(w http.ResponseWriter, r *http.Request, status int, failed string, f ui.Form) {
	file, err := p.App.CheckFile(r.Context(), sheetOf(r, "", 0, "", f).reader, r.PathValue("check"))
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	c := &checkSheet{sheet: sheetOf(r, "/verification/checks/"+file.ID, file.Version, failed, f), CheckFile: file}
	if c.takes("arrange") || c.takes("follow_up") {
		if c.officers, err = p.officers(r.Context(), access.CheckCarryOut); err != nil {
			p.Fail(w, r, err)
			return
		}
	}
	v := page{Sub: c.List.Title, Next: c.next(), Facts: []ui.Fact{
		{Label: c.t("followup.check.status"), Value: checkChip(c.sheet, c.Status, c.result())},
		{Label: c.t("followup.check.due"), Text: dayText(c.ctx, string(c.day()))},
		{Label: c.t("followup.check.officer"), Text: c.Name(c.Officer)},
		{Label: c.t("followup.check.licence"), Value: link(c.LicenceRef, "/licences/"+c.Licence)},
	}}
	v.Cards = append(v.Cards, c.task())
	if c.Finding != nil {
		v.Cards = append(v.Cards, c.finding())
	}
	v.Cards = append(v.Cards, c.seen())
	if c.takes("conclude") {
		v.Cards = append(v.Cards, c.conclusion())
	}
	if len(c.Evidence) > 0 {
		v.Cards = append(v.Cards, c.papers())
	}
	if len(c.FollowUps) > 0 {
		v.Cards = append(v.Cards, c.followUps())
	}
	v.Aside = c.forms()
	v.Aside = append(v.Aside, card{"history", c.t("followup.check.history"), []templ.Component{ui.Timeline(c.history())}})
	ui.Render(w, r, status, pageView(p.frame(w, r, c.Reference, &f, c.up()...), v))
}

func (c *checkSheet) result() verification.Result {
	if c.Finding == nil {
		return ""
	}
	return c.Finding.Result
}

// day is when somebody goes, or by when.
func (c *checkSheet) day() deadline.Date {
	if c.Day != "" {
		return c.Day
	}
	return c.Due
}

// next says what comes next.
func (c *checkSheet) next() string {
	consent := c.Consent()
	switch {
	case c.Status == verification.Planned && c.List.Consent && consent == "":
		return c.t("followup.next.ask")
	case c.Status == verification.Planned && c.List.Consent && consent == verification.Asked:
		return c.t("followup.next.wait")
	case c.Status == verification.Planned && c.List.Consent && consent != verification.Given:
		return c.t("followup.next.refused")
	case c.Status == verification.Planned && c.Day == "":
		return c.t("followup.next.arrange")
	case c.Status == verification.Planned && len(c.Answers) < len(c.List.Items):
		return c.t("followup.next.look")
	case c.Status == verification.Planned:
		return c.t("followup.next.conclude")
	case c.Status == verification.Found && len(c.FollowUps) == 0 && c.Finding.Result != verification.Favourable:
		return c.t("followup.next.follow")
	case c.Status == verification.Found:
		return c.t("followup.next.close")
	}
	return ""
}

// task is what is to be looked at, and why.
func (c *checkSheet) task() card {
	rows := row(nil, c.t("followup.check.user"), c.Task.User)
	rows = row(rows, c.t("followup.check.place"), c.Task.Place)
	if c.Where.Value != "" {
		rows = row(rows, c.t("followup.check.arranged"), dayText(c.ctx, string(c.Day))+" · "+c.Where.Value)
	}
	rows = row(rows, c.t("followup.check.note"), c.Task.Note)
	why := c.t("followup.reason."+string(c.Reason)) + ": " + c.Task.Why
	reason := ui.SummaryRow{Key: c.t("followup.check.reason"), Text: why}
	if c.Plan != "" {
		reason.Actions = []ui.Link{{Text: c.t("followup.check.plan"), Href: "/verification/plans/" + c.Plan}}
	}
	rows = append(rows, reason)
	if n := len(c.Task.Serials); n > 0 {
		rows = row(rows, c.t("followup.check.serials"), c.t("followup.check.serials.of", "count", n, "of", c.Check.Of))
		rows = row(rows, c.t("followup.check.serials.list"), strings.Join(c.Task.Serials, ", "))
	}
	if c.Seed != "" {
		rows = row(rows, c.t("followup.plan.seed"), c.Seed)
	}
	rows = row(rows, c.t("followup.check.hash"), c.Task.Hash)
	return card{"task", c.t("followup.check.task"), []templ.Component{ui.Summary(rows)}}
}

// seen is what was seen so far, and the form for it where the reader may fill it.
func (c *checkSheet) seen() card {
	if c.takes("look") {
		if c.List.Consent && c.Consent() != verification.Given {
			return card{"look", c.t("followup.form.look"), []templ.Component{meta(c.t("followup.look.consent"))}}
		}
		var start []string
		var fields []field
		for _, i := range c.List.Items {
			start = append(start, "answer."+i.ID, string(c.Answers[i.ID]), "note."+i.ID, c.OnSite.Notes[i.ID])
			fields = append(fields,
				field{Name: "answer." + i.ID, Kind: radios, Label: i.Question, Width: 1, Options: options(c.sheet, "followup.answer.", verification.Answers)},
				field{Name: "note." + i.ID, Label: c.t("followup.look.note"), Optional: true})
		}
		if len(c.Task.Serials) > 0 {
			start = append(start, "serials", strings.Join(c.OnSite.Serials, "\n"))
			fields = append(fields, field{Name: "serials", Kind: area, Rows: 6, Hinted: true})
		}
		if c.Task.Hash != "" {
			start = append(start, "hash", c.OnSite.Hash)
			fields = append(fields, field{Name: "hash", Kind: code, Hinted: true})
		}
		out := c.ask("look", start, ui.Consequences{}, fields...)
		if c.Looked.Account != "" {
			out.Body = append([]templ.Component{meta(c.t("followup.look.saved", "who", c.Name(c.Looked.Account), "at", c.Looked.At))}, out.Body...)
		}
		return out
	}
	var rows []ui.SummaryRow
	for _, i := range c.List.Items {
		text := c.t("followup.answer.none")
		if a := c.Answers[i.ID]; a != "" {
			text = c.t("followup.answer." + string(a))
		}
		if n := c.OnSite.Notes[i.ID]; n != "" {
			text += ": " + n
		}
		rows = append(rows, ui.SummaryRow{Key: i.Question, Text: text})
	}
	if c.Finding == nil {
		rows = append(rows, c.compared()...)
	}
	return card{"look", c.t("followup.look.title"), []templ.Component{ui.Summary(rows)}}
}

// compared is how what was found stands to what was expected.
func (c *checkSheet) compared() (rows []ui.SummaryRow) {
	if len(c.Task.Serials) > 0 && c.Looked.Account != "" {
		rows = row(rows, c.t("followup.check.serials"), c.t("followup.serials.found", "count", len(c.Task.Serials)-len(c.Missing()), "of", len(c.Task.Serials)))
		rows = row(rows, c.t("followup.serials.missing"), strings.Join(c.Missing(), ", "))
		rows = row(rows, c.t("followup.serials.strange"), strings.Join(c.Strange(), ", "))
	}
	if c.Task.Hash != "" && c.Looked.Account != "" {
		key := "followup.hash.same"
		if c.Differs() {
			key = "followup.hash.differs"
		}
		rows = row(rows, c.t("followup.check.hash"), c.t(key))
	}
	return rows
}

func (c *checkSheet) finding() card {
	f := c.Finding
	rows := []ui.SummaryRow{{Key: c.t("followup.check.result"), Value: checkChip(c.sheet, c.Status, f.Result)}}
	rows = append(rows, c.compared()...)
	for _, id := range f.Conditions {
		if k := c.On.Condition(id); k != nil {
			rows = row(rows, c.t("followup.finding.broken"), k.What)
		}
	}
	for _, x := range f.Promises {
		rows = row(rows, clauseName(c.ctx, licensing.Clause(x.Clause)), c.t("followup.promise."+x.Result))
	}
	body := []templ.Component{ui.Summary(rows), ui.Paragraphs(f.Why.Value), meta(c.t("followup.finding.by", "who", c.Name(f.By.Account), "at", f.By.At))}
	return card{"finding", c.t("followup.finding.title"), body}
}

func (c *checkSheet) papers() card {
	var docs []ui.Document
	for _, e := range c.Evidence {
		d := ui.Document{Name: e.Title.Value, Href: c.base + "/papers/" + e.Document, Size: e.Size, Added: e.By.At, By: c.Name(e.By.Account)}
		if e.Title.Erased != nil {
			d.Erased, d.Rule = e.Title.Erased.Time, e.Title.Erased.Rule
		}
		docs = append(docs, d)
	}
	return card{"papers", c.t("followup.papers"), []templ.Component{ui.Documents(docs)}}
}

func (c *checkSheet) followUps() card {
	t := ui.Table{Caption: c.t("followup.follow_ups"), Hide: true, Columns: []ui.Column{{Title: c.t("followup.follow_up.what")}, {Title: c.t("followup.check.officer")}, {Title: c.t("followup.check.due")}, {Title: c.t("followup.follow_up.done")}}}
	for _, u := range c.FollowUps {
		done := u.Done.Value
		if u.Open() {
			done = c.t("followup.follow_up.open")
		}
		t.Rows = append(t.Rows, []ui.Cell{{Text: u.What.Value}, {Text: c.Name(u.Officer)}, {Text: dayText(c.ctx, string(u.Due))}, {Text: done}})
	}
	return card{"follow_ups", c.t("followup.follow_ups"), []templ.Component{ui.DataTable(t)}}
}

// forms are what the reader may do besides looking, the next step first.
func (c *checkSheet) forms() (out []card) {
	if c.takes("consent") && c.List.Consent {
		out = append(out, c.later(c.Consent() == verification.Given, "consent", nil, field{Name: "answer", Kind: radios, Options: options(c.sheet, "followup.consent.", verification.Consents)}, field{Name: "day", Kind: date}, field{Name: "said", Kind: area, Rows: 2, Hinted: true}))
	}
	if c.takes("arrange") {
		out = append(out, c.later(c.Day != "", "arrange", []string{"officer", c.Officer}, field{Name: "day", Kind: date}, field{Name: "officer", Kind: choose, Options: c.officers}, field{Name: "where", Kind: area, Rows: 2}))
	}
	if c.takes("evidence") {
		out = append(out, c.later(false, "evidence", nil, field{Name: "file", Kind: file}, field{Name: "title", Optional: true}))
	}
	if c.takes("follow_up") {
		out = append(out, c.later(false, "follow_up", nil, field{Name: "what", Kind: area, Rows: 3}, field{Name: "officer", Kind: choose, Options: c.officers}, field{Name: "due", Kind: date}))
	}
	if c.takes("done") {
		var open []ui.Option
		for _, u := range c.FollowUps {
			if u.Open() {
				open = append(open, ui.Option{Value: u.ID, Text: u.What.Value})
			}
		}
		if len(open) > 0 {
			out = append(out, c.later(false, "done", nil, field{Name: "id", Kind: radios, Options: open}, field{Name: "done", Kind: area, Rows: 2}))
		}
	}
	if c.takes("close") {
		out = append(out, c.later(len(c.FollowUps) == 0 && c.Finding.Result != verification.Favourable, "close", nil, field{Name: "why", Kind: area, Rows: 2}))
	}
	if c.takes("cancel") {
		out = append(out, c.later(true, "cancel", nil, field{Name: "why", Kind: area, Rows: 2}))
	}
	return out
}

// conclusion asks for the finding, and what it says of conditions and promises.
func (c *checkSheet) conclusion() card {
	fields := []field{{Name: "result", Kind: radios, Options: options(c.sheet, "followup.result.", verification.Results)}, {Name: "why", Kind: area, Rows: 4, Hinted: true}}
	var conditions []ui.Option
	for _, k := range c.On.Conditions {
		conditions = append(conditions, ui.Option{Value: k.ID, Text: k.What})
	}
	if len(conditions) > 0 {
		fields = append(fields, field{Name: "conditions", Kind: checks, Options: conditions, Optional: true, Hinted: true})
	}
	for _, a := range c.Of.Assurances {
		for _, cl := range a.Clauses {
			if r := a.Reply(cl); r != licensing.Given && r != licensing.Changed {
				continue
			}
			fields = append(fields, field{
				Name: "promise." + a.ID + "." + string(cl), Kind: radios, Label: c.t("followup.promise", "clause", clauseName(c.ctx, cl)), Optional: true,
				Options: options(c.sheet, "followup.promise.", []string{"not_looked", "verified", "broken"}),
			})
		}
	}
	if len(c.Answers) < len(c.List.Items) && (!c.List.Consent || c.Consent() == verification.Given || c.Consent() == verification.Asked || c.Consent() == "") {
		return c.later(true, "conclude", nil, fields...)
	}
	return c.ask("conclude", nil, ui.Consequences{Happens: []string{c.t("followup.conclude.happens")}, Told: []string{c.t("followup.conclude.told")}}, fields...)
}

func (c *checkSheet) history() []ui.Event {
	out := []ui.Event{{Time: c.Planned.At, By: c.Name(c.Planned.Account), Text: c.t("followup.was.planned")}}
	for _, k := range c.Consents {
		out = append(out, ui.Event{Time: k.By.At, By: c.Name(k.By.Account), Text: c.t("followup.was.consent", "answer", c.t("followup.consent."+string(k.Answer)), "day", dayText(c.ctx, string(k.Day))), Why: k.Said.Value})
	}
	if c.Finding != nil {
		out = append(out, ui.Event{Time: c.Finding.By.At, By: c.Name(c.Finding.By.Account), Text: c.t("followup.was.found", "result", c.t("followup.result."+string(c.Finding.Result)))})
	}
	for _, u := range c.FollowUps {
		out = append(out, ui.Event{Time: u.By.At, By: c.Name(u.By.Account), Text: c.t("followup.was.follow_up"), Why: u.What.Value})
		if !u.Open() {
			out = append(out, ui.Event{Time: u.DoneBy.At, By: c.Name(u.DoneBy.Account), Text: c.t("followup.was.done"), Why: u.Done.Value})
		}
	}
	if c.EndedBy.Account != "" {
		out = append(out, ui.Event{Time: c.EndedBy.At, By: c.Name(c.EndedBy.Account), Text: c.t("followup.status." + string(c.Status)), Why: c.Ended.Value})
	}
	slices.SortStableFunc(out, func(a, b ui.Event) int { return b.Time.Compare(a.Time) })
	return out
}
