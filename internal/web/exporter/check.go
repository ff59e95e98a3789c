package exporter

import (
	"context"

	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/party"
	"github.com/comity-project/comity/internal/web/ui"
)

// part is a stretch of an application to read: one thing with its answers.
type part struct {
	id, title string
	rows      []ui.SummaryRow
	tree      *party.Party // its units are drawn beneath
	folded    bool
}

// unfolded is how many lines, or parties, stand open on a page; where there are
// more, each is folded under its name.
const unfolded = 4

// parts is a whole application to read. Where edit is set each answer leads to
// the page on which it is changed.
func (b *builder) parts(ctx context.Context, edit bool) []part {
	out := []part{{id: "about", title: b.p.T("exporter.about.title"), rows: b.rows(ctx, edit, true, []string{"about"})}}
	for i, l := range b.app.Lines {
		x := part{id: "line-" + l.ID, title: lineName(b.p, i, l), folded: len(b.app.Lines) > unfolded}
		for _, step := range lineSteps(l.Kind) {
			if step == "sheet" {
				x.rows = append(x.rows, b.sheetRow(l, edit))
				continue
			}
			x.rows = append(x.rows, b.rows(ctx, edit, false, []string{"items", l.ID, step})...)
		}
		out = append(out, x)
	}
	for i := range b.app.Parties {
		q := b.app.Parties[i]
		x := part{id: "party-" + q.ID, title: nameIn(b.p, b.app, "", q.ID), folded: len(b.app.Parties) > unfolded}
		for _, step := range partySteps(q) {
			if step == "names" && len(q.Names) < 2 {
				continue // the first name is on the page before
			}
			x.rows = append(x.rows, b.rows(ctx, edit, false, []string{"parties", q.ID, step})...)
		}
		for _, o := range q.Ownership.Owners {
			x.rows = append(x.rows, ui.SummaryRow{Key: b.p.T("exporter.owners.one"), Text: ownerText(b, o), Actions: b.change(edit, party.PrimaryName(o.Names), []string{"parties", q.ID, "owners", o.ID})})
		}
		if len(q.Tree) > 0 {
			x.tree = &b.app.Parties[i]
		}
		out = append(out, x)
	}
	if b.kind.Section("use") {
		out = append(out, part{id: "use", title: b.p.T("exporter.use.title"), rows: b.rows(ctx, edit, true, []string{"use"})})
	}
	if b.kind.Section("route") {
		out = append(out, part{id: "route", title: b.p.T("exporter.route.title"), rows: b.routeRows(edit)})
	}
	if rows := b.answerRows(ctx, edit); len(rows) > 0 {
		out = append(out, part{id: "questions", title: b.p.T("exporter.tasks.questions"), rows: rows})
	}
	return out
}

func (b *builder) change(edit bool, hidden string, path []string) []ui.Link {
	if !edit {
		return nil
	}
	return []ui.Link{{Text: b.p.T("exporter.change"), Href: draftPath(b.d.ID, path...), Hidden: hidden}}
}

// rows are the answers of one page. Empty ones are left out unless all is set or
// they are asked of everybody.
func (b *builder) rows(ctx context.Context, edit, all bool, path []string) []ui.SummaryRow {
	s := b.sheet(path)
	if s == nil {
		return nil
	}
	var out []ui.SummaryRow
	for _, f := range s.fields {
		text := f.said(ctx, s.values)
		if text == "" && !f.must && !all {
			continue
		}
		row := ui.SummaryRow{Key: b.p.T(f.label), Text: text, Actions: b.change(edit, b.p.T(f.label), path)}
		if f.control == manyLines && text != "" {
			row.Value = ui.Paragraphs(text)
		} else if f.dir == "auto" && text != "" {
			row.Lang = "und"
		}
		out = append(out, row)
	}
	return out
}

func (b *builder) sheetRow(l licensing.Line, edit bool) ui.SummaryRow {
	row := ui.SummaryRow{Key: b.p.T("exporter.step.sheet"), Actions: b.change(edit, b.p.T("exporter.step.sheet"), []string{"items", l.ID, "sheet"})}
	if doc, ok := b.app.Document(l.Sheet); ok {
		row.Text = doc.Title
	}
	return row
}

func ownerText(b *builder, o party.Owner) string {
	s := party.PrimaryName(o.Names)
	if o.ShareBP > 0 {
		s += " · " + licensing.Quantity(int64(o.ShareBP)*10).String() + " %"
	}
	if o.Country != "" {
		s += " · " + b.p.Country(o.Country)
	}
	return s
}

func (b *builder) routeRows(edit bool) []ui.SummaryRow {
	var out []ui.SummaryRow
	for i, l := range b.app.Route {
		text := ""
		for _, s := range []string{b.countryName(l.Country), l.Place, l.Carrier} {
			if s != "" && text != "" {
				text += " · "
			}
			text += s
		}
		out = append(out, ui.SummaryRow{Key: b.p.T("exporter.route.step", "number", i+1), Text: text, Actions: b.change(edit, b.p.T("exporter.route.step", "number", i+1), []string{"route"})})
	}
	if len(out) == 0 {
		out = append(out, ui.SummaryRow{Key: b.p.T("exporter.route.title"), Actions: b.change(edit, b.p.T("exporter.route.title"), []string{"route"})})
	}
	return out
}

func (b *builder) countryName(code string) string {
	if code == "" {
		return ""
	}
	return b.p.Country(code)
}

func (b *builder) answerRows(ctx context.Context, edit bool) []ui.SummaryRow {
	var out []ui.SummaryRow
	for _, w := range b.app.Answers {
		m := licensing.Missing{Paragraph: w.Paragraph, Line: w.Line, Party: w.Party}
		title := w.Paragraph
		if g, ok := paragraph(b.profile, w.Paragraph); ok {
			title = w.Paragraph + ", " + g.Title
		}
		if about := b.nameOf(m); about != "" {
			title += " (" + about + ")"
		}
		text := w.Choice
		if w.Choice == unknownChoice {
			text = b.p.T("exporter.question.unknown")
		}
		if w.Text != "" {
			if text != "" {
				text += "\n"
			}
			said := w.Text
			if g, _ := paragraph(b.profile, w.Paragraph); g.Need.As == licensing.AsDay {
				said = ui.P(ctx).DayOf(w.Text)
			}
			text += said
		}
		for _, id := range w.Documents {
			if doc, ok := b.app.Document(id); ok {
				if text != "" {
					text += "\n"
				}
				text += doc.Title
			}
		}
		out = append(out, ui.SummaryRow{Key: title, Value: ui.Paragraphs(text), Actions: b.change(edit, title, questionPath(m))})
	}
	return out
}
