package authority

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/comity-project/comity/controls"
	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/web/classified"
	"github.com/comity-project/comity/internal/web/ui"
	"github.com/comity-project/comity/policy"
)

// itemsPage is a page of a case's lines.
type itemsPage struct {
	Lines      []lineView
	Pack       *policy.Pack
	From       int // place of the first line shown
	Total      int
	Confirmed  int
	May        bool // the reader may confirm
	Prev, Next string
}

// lineView is one line with what the classifier says of it and what a person
// confirmed.
type lineView struct {
	licensing.Line
	Place     int
	Confirmed *assessment.ClassifiedLine
	classified.Interview
	Open bool // its form stands open
	Form ui.Form
}

// name is the name of an input of this line's form: ids are unique on the page.
func (l lineView) name(input string) string { return l.ID + "." + input }

func (p *pages) itemsTab(w http.ResponseWriter, r *http.Request) {
	if v, ok := p.open(w, r); ok {
		p.drawItems(w, r, http.StatusOK, v, from(r.URL.Query()), r.URL.Query().Get("line"), ui.FormOf())
	}
}

// from is the place at which a paged tab begins.
func from(q url.Values) int {
	n, err := strconv.Atoi(q.Get("from"))
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// drawItems shows the lines from a place on; the line named stands open: the form
// that was refused is its own, and the answers of an interview are about it.
func (p *pages) drawItems(w http.ResponseWriter, r *http.Request, status int, v *caseView, first int, named string, form ui.Form) {
	engines, err := p.App.Engines(r.Context())
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	lines := v.Case.App().Lines
	first = min(first, max(len(lines)-1, 0)) / linesPerPage * linesPerPage
	page := &itemsPage{Pack: engines.Pack, From: first, Total: len(lines), May: v.takes(access.CaseClassify, "case.change_basis")}
	input := p.App.Input(v.CaseFile)
	open := named
	for i, l := range lines {
		k, confirmed := v.Assessment.Classified[l.ID]
		if confirmed {
			page.Confirmed++
		}
		if i < first || i >= first+linesPerPage {
			continue
		}
		x := lineView{Line: l, Place: i, Interview: classified.Interview{
			Name: l.ID + ".", Method: "get", Action: v.href("items") + "#line-" + l.ID, Again: v.href("items?from="+strconv.Itoa(i)+"&line="+url.QueryEscape(l.ID)) + "#line-" + l.ID,
			Hidden: []classified.Hidden{{Name: "from", Value: strconv.Itoa(i)}, {Name: "line", Value: l.ID}},
		}}
		item := itemOf(input, i)
		if l.ID == named {
			item.Answers = classified.Answers(r.URL.Query(), l.ID+".")
		}
		x.Result, x.Answered = engines.Controls.Interview(item)
		if confirmed {
			x.Confirmed = &k
		} else if open == "" {
			open = l.ID
		}
		x.Open = l.ID == open
		if l.ID == named {
			x.Form = form
		}
		page.Lines = append(page.Lines, x)
	}
	if first > 0 {
		page.Prev = v.href("items?from=" + strconv.Itoa(first-linesPerPage))
	}
	if first+linesPerPage < len(lines) {
		page.Next = v.href("items?from=" + strconv.Itoa(first+linesPerPage))
	}
	p.draw(w, r, status, v, tabItems, form, itemsView(v, page))
}

// itemOf is what the classifier is told of a line: the same that rules see.
func itemOf(in assessment.Input, i int) controls.Item {
	if i >= len(in.Lines) {
		return controls.Item{}
	}
	l := in.Lines[i]
	text := l.Description
	if l.Sheet != "" {
		text += "\n" + l.Sheet
	}
	return controls.Item{Name: l.PartNumber, Description: text, ClaimedCode: l.ClaimedCode}
}

// confirmItem takes a person's word on what one line is. There is no way to
// confirm many at once: each was looked at, or it was not.
func (p *pages) confirmItem(w http.ResponseWriter, r *http.Request) {
	v, ok := p.answering(w, r)
	if !ok {
		return
	}
	lines := v.Case.App().Lines
	place := slices.IndexFunc(lines, func(l licensing.Line) bool { return l.ID == r.PathValue("line") })
	if place < 0 {
		p.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
		return
	}
	engines, err := p.App.Engines(r.Context())
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	line := lineView{Line: lines[place]}
	again := func(status int, v *caseView, form ui.Form) {
		p.drawItems(w, r, status, v, place, line.ID, form)
	}
	cmd, err := classifyFrom(r.PostForm, v.ID(), line, engines.Controls.Classify(itemOf(p.App.Input(v.CaseFile), place)))
	if err != nil {
		p.refuse(w, r, v, err, again)
		return
	}
	opts, err := seenBy(r.PostForm, v.ID(), cmd)
	if err == nil {
		err = p.App.Do(r.Context(), v.Reader, cmd, opts...)
	}
	if err != nil {
		p.refuse(w, r, v, prefixed(err, line.ID+"."), again)
		return
	}
	ui.SetFlash(w, r, ui.Flash{Key: "authority.item.confirmed", Args: map[string]string{"line": strconv.Itoa(place + 1)}})
	ui.SeeOther(w, r, v.href("items"+atLine(v, v.nextOpen(place))))
}

// nextOpen is the next line after a place that nobody has confirmed, else the
// line itself: one goes on where one was.
func (v *caseView) nextOpen(place int) int {
	lines := v.Case.App().Lines
	for i := range lines {
		at := (place + 1 + i) % len(lines)
		if _, ok := v.Assessment.Classified[lines[at].ID]; !ok && at != place {
			return at
		}
	}
	return place
}

// classifyFrom reads the form of a line.
func classifyFrom(form url.Values, id string, l lineView, result controls.Result) (assessment.Classify, error) {
	value := func(name string) string { return strings.TrimSpace(form.Get(l.name(name))) }
	bad := fault.New(fault.Invalid, "authority.item.invalid")
	cmd := assessment.Classify{Case: id, Line: l.ID, Category: value("category"), Reason: value("reason")}
	if cmd.Category == anotherKind {
		cmd.Category = value("other")
		if cmd.Category == "" {
			bad.Field(l.name("other"), "authority.item.other")
		}
	} else if cmd.Category == "" {
		bad.Field(l.name("category"), "authority.item.category")
	}
	yes, no := true, false
	switch value("listed") {
	case "yes":
		cmd.Listed = &yes
	case "no":
		cmd.Listed = &no
	case "open":
	default:
		bad.Field(l.name("listed"), "authority.item.listed")
	}
	for _, c := range append(form[l.name("codes")], strings.FieldsFunc(value("more"), func(r rune) bool { return r == ',' || r == ';' || r == ' ' })...) {
		if c = strings.TrimSpace(c); c != "" && !slices.Contains(cmd.Codes, c) {
			cmd.Codes = append(cmd.Codes, c)
		}
	}
	for i, k := range result.Categories {
		if k.ID == cmd.Category {
			cmd.Place = i + 1
		}
	}
	for _, c := range result.Candidates {
		if slices.Contains(cmd.Codes, c.Code) {
			cmd.List = strings.TrimSpace(c.List + " " + c.Version)
			break
		}
	}
	if len(cmd.Codes) > 20 {
		bad.Field(l.name("more"), "authority.item.codes")
	}
	return cmd, bad.Or()
}

// anotherKind is the choice of a category that was not suggested.
const anotherKind = "another"

// prefixed points the inputs that a refusal names into a form whose names have a
// prefix.
func prefixed(err error, prefix string) error {
	var f *fault.Error
	if !errors.As(err, &f) || len(f.Fields) == 0 {
		return err
	}
	copied := *f
	copied.Fields = slices.Clone(f.Fields)
	for i := range copied.Fields {
		copied.Fields[i].Name = prefix + copied.Fields[i].Name
	}
	return &copied
}

// otherCategories are the categories of the pack that were not suggested.
func (page *itemsPage) otherCategories(l lineView) []ui.Option {
	var out []ui.Option
	for _, c := range page.Pack.Document().Categories {
		if !slices.ContainsFunc(l.Result.Categories, func(k controls.CategoryFinding) bool { return k.ID == c.ID }) {
			out = append(out, ui.Option{Value: c.ID, Text: c.Name})
		}
	}
	slices.SortFunc(out, func(a, b ui.Option) int { return strings.Compare(a.Text, b.Text) })
	return out
}

// categoryName is a category in words.
func (page *itemsPage) categoryName(id string) string {
	if c, ok := page.Pack.Category(id); ok {
		return c.Name
	}
	return id
}

// codeOptions are the codes that may be ticked: the claimed one and those
// suggested.
func (l lineView) codeOptions(ctx context.Context) []ui.Option {
	var out []ui.Option
	if l.ClaimedCode != "" {
		out = append(out, ui.Option{Value: l.ClaimedCode, Text: l.ClaimedCode, Hint: ui.T(ctx, "authority.item.claimed_code")})
	}
	for _, c := range classified.Entries(l.Result) {
		if !slices.ContainsFunc(out, func(o ui.Option) bool { return o.Value == c.Code }) {
			out = append(out, ui.Option{Value: c.Code, Text: c.Code, Hint: strings.TrimSpace(c.List + " " + c.Version)})
		}
	}
	return out
}

// categoryOptions are the kinds of item suggested, each with why, and a way to
// another.
func (page *itemsPage) categoryOptions(ctx context.Context, l lineView) []ui.Option {
	var out []ui.Option
	for _, k := range l.Result.Categories {
		if _, known := page.Pack.Category(k.ID); !known {
			continue
		}
		hint := ui.T(ctx, "authority.item.severity", "severity", k.Severity)
		if len(k.Words) > 0 {
			hint += " " + ui.T(ctx, "authority.item.words", "words", k.Words)
		}
		out = append(out, ui.Option{Value: k.ID, Text: page.categoryName(k.ID), Hint: hint})
	}
	another := ui.Option{Value: anotherKind, Text: ui.T(ctx, "authority.item.another")}
	another.Reveal = ui.Select(l.Form, ui.Choice{Name: l.name("other"), Label: ui.T(ctx, "authority.item.which"), Options: page.otherCategories(l)})
	return append(out, another)
}
