package authority

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/web/ui"
)

// part is one part of what was applied for, as rows: the application itself, a
// line, a party, the answers, the documents.
type part struct {
	Of    string // which side it belongs to
	ID    string // stays between versions
	Title string
	Rows  []ui.SummaryRow
}

// parts are all that a case's application tells, in rows.
func (p *pages) parts(ctx context.Context, v *caseView) ([]part, error) {
	engines, err := p.App.Engines(ctx)
	if err != nil {
		return nil, err
	}
	profile, err := p.App.Profile(ctx, v.Case.Kind)
	if err != nil {
		return nil, err
	}
	app := v.Case.App()
	out := []part{{Of: besideAsked, ID: "asked", Title: ui.T(ctx, "authority.asked.title"), Rows: askedRows(ctx, v)}}
	page := &itemsPage{Pack: engines.Pack}
	for i, l := range app.Lines {
		x := lineView{Line: l, Place: i}
		out = append(out, part{besideItems, "line-" + l.ID, lineTitle(x), lineFacts(ctx, v, page, x)})
	}
	day := string(deadline.DateOf(v.Case.Current().At, v.Calendar.Location()))
	for _, x := range app.Parties {
		q := partyView{Party: x, Erased: v.Case.Current().ErasedPart(x.ID), Day: day}
		out = append(out, part{besideParties, "party-" + x.ID, partyTitle(ctx, q), partyRows(ctx, q)})
	}
	answers := part{Of: besideAnswers, ID: "answers", Title: ui.T(ctx, "authority.changes.answers")}
	for _, a := range app.Answers {
		answers.Rows = append(answers.Rows, answerRow(ctx, v, profile, a))
	}
	documents := part{Of: "documents", ID: "documents", Title: ui.T(ctx, "authority.documents.title")}
	for _, d := range app.Documents {
		documents.Rows = append(documents.Rows, ui.SummaryRow{Key: d.Title, Value: fingerprint(d.Hash)})
	}
	return append(out, answers, documents), nil
}

// answerRow is one answer, with the question and what it is about.
func answerRow(ctx context.Context, v *caseView, profile licensing.Profile, a licensing.Answer) ui.SummaryRow {
	asked := licensing.Paragraph{Title: a.Paragraph}
	if i := slices.IndexFunc(profile.Paragraphs, func(x licensing.Paragraph) bool { return x.ID == a.Paragraph }); i >= 0 {
		asked = profile.Paragraphs[i]
	}
	row := ui.SummaryRow{Key: asked.Title, Value: kindAnswer(v, asked, a)}
	switch l, ok := v.Case.App().Line(a.Line); {
	case ok:
		row.Key += " · " + lineName(ctx, l.ID, l.Description)
	case a.Party != "":
		row.Key += " · " + v.partyName(a.Party)
	}
	return row
}

// at is the case as it was with one of its versions.
func (v *caseView) at(number int) *caseView {
	file, c, out := *v.CaseFile, *v.Case, *v
	c.Versions = c.Versions[:number]
	file.Case, out.CaseFile = &c, &file
	return &out
}

// changedPart is a part that two versions tell otherwise.
type changedPart struct {
	Title string
	Rows  [][2]*ui.SummaryRow // nil where a version does not have it
}

// changesView is what changed between two versions of an application.
type changesView struct {
	*caseView
	From, To int
	Parts    []changedPart
}

func (p *pages) changesPage(w http.ResponseWriter, r *http.Request) {
	v, ok := p.open(w, r)
	if !ok {
		return
	}
	c := changesView{caseView: v, To: len(v.Case.Versions)}
	if n, err := strconv.Atoi(r.URL.Query().Get("to")); err == nil {
		c.To = n
	}
	c.From = c.To - 1
	if n, err := strconv.Atoi(r.URL.Query().Get("from")); err == nil {
		c.From = n
	}
	if c.From < 1 || c.To <= c.From || c.To > len(v.Case.Versions) {
		p.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
		return
	}
	was, err := p.parts(r.Context(), v.at(c.From))
	if err == nil {
		var is []part
		if is, err = p.parts(r.Context(), v.at(c.To)); err == nil {
			c.Parts, err = changed(r.Context(), was, is)
		}
	}
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	p.draw(w, r, http.StatusOK, v, tabOverview, ui.FormOf(), changesSheet(c))
}

// changed is what differs between the parts of two versions, in the order of the
// later one; what was taken out comes last.
func changed(ctx context.Context, was, is []part) (out []changedPart, err error) {
	before := map[string]part{}
	for _, x := range was {
		before[x.ID] = x
	}
	for _, x := range is {
		rows, err := changedRows(ctx, before[x.ID].Rows, x.Rows)
		if err != nil {
			return nil, err
		}
		if delete(before, x.ID); len(rows) > 0 {
			out = append(out, changedPart{x.Title, rows})
		}
	}
	for _, x := range was {
		if _, gone := before[x.ID]; gone {
			rows, err := changedRows(ctx, x.Rows, nil)
			if err != nil {
				return nil, err
			}
			out = append(out, changedPart{x.Title, rows})
		}
	}
	return out, nil
}

// changedRows compares rows by their keys, the second of two alike with the
// second, and by what a reader sees.
func changedRows(ctx context.Context, was, is []ui.SummaryRow) (out [][2]*ui.SummaryRow, err error) {
	type place struct {
		key string
		nth int
	}
	places := func(rows []ui.SummaryRow) []place {
		seen, out := map[string]int{}, make([]place, len(rows))
		for i, r := range rows {
			out[i] = place{r.Key, seen[r.Key]}
			seen[r.Key]++
		}
		return out
	}
	before := map[place]*ui.SummaryRow{}
	wasAt, isAt := places(was), places(is)
	for i, at := range wasAt {
		before[at] = &was[i]
	}
	for i, at := range isAt {
		old := before[at]
		delete(before, at)
		if old != nil {
			a, err := shown(ctx, *old)
			if err != nil {
				return nil, err
			}
			b, err := shown(ctx, is[i])
			if err != nil {
				return nil, err
			}
			if a == b {
				continue
			}
		}
		out = append(out, [2]*ui.SummaryRow{old, &is[i]})
	}
	for i, at := range wasAt {
		if before[at] != nil {
			out = append(out, [2]*ui.SummaryRow{&was[i], nil})
		}
	}
	return out, nil
}

// shown is a row's answer as it is drawn.
func shown(ctx context.Context, r ui.SummaryRow) (string, error) {
	if r.Value == nil {
		return r.Text, nil
	}
	var b bytes.Buffer
	err := r.Value.Render(ctx, &b)
	return b.String(), err
}
