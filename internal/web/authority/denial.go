package authority

import (
	"context"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/denial"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/web/ui"
	"github.com/comity-project/comity/policy"
)

// denialRoutes are the page on which partners are told of a refusal, the file that
// goes to them, and what becomes of it later.
func (p *pages) denialRoutes(on on) {
	on("GET /cases/{case}/denial", func(w http.ResponseWriter, r *http.Request) {
		if v, ok := p.open(w, r); ok {
			p.drawDenial(w, r, http.StatusOK, v, ui.FormOf())
		}
	})
	on("GET /cases/{case}/denial/file", p.denialFile)
	for act, read := range map[string]func(on denial.OnNotice, r *http.Request) any{
		"tell": func(on denial.OnNotice, r *http.Request) any {
			to := strings.FieldsFunc(strings.ToUpper(field(r, "to")), func(c rune) bool { return c == ',' || c == ' ' || c == ';' })
			slices.Sort(to)
			return denial.Tell{OnNotice: on, To: slices.Compact(to), How: field(r, "how")}
		},
		"keep": func(on denial.OnNotice, r *http.Request) any { return denial.Keep{OnNotice: on, Why: field(r, "why")} },
		"end":  func(on denial.OnNotice, r *http.Request) any { return denial.TakeBack{OnNotice: on, Why: field(r, "why")} },
	} {
		on("POST /cases/{case}/denial/"+act, func(w http.ResponseWriter, r *http.Request) {
			if v, ok := p.answering(w, r); ok {
				p.send(w, r, v, read(denial.OnNotice{Case: v.ID()}, r), "deciding.denial.done."+act, "denial", func(status int, v *caseView, form ui.Form) { p.drawDenial(w, r, status, v, form) })
			}
		})
	}
}

// denialView is the notice of a refusal on its page.
type denialView struct {
	*caseView
	Notice *denial.Notice
	Pack   *policy.Pack
	Form   ui.Form
	Acts   bool // the reader may tell partners, keep it, take it back
}

func (p *pages) drawDenial(w http.ResponseWriter, r *http.Request, status int, v *caseView, form ui.Form) {
	n, err := p.App.Denial(r.Context(), v.Reader, v.ID())
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	e, err := p.App.Engines(r.Context())
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	d := &denialView{caseView: v, Notice: n, Pack: e.Pack, Form: form, Acts: v.may(access.CaseIntend) && n.Status() != "ended" && n.Erased == nil}
	p.draw(w, r, status, v, tabDecision, form, denialPage(d))
}

func (p *pages) denialFile(w http.ResponseWriter, r *http.Request) {
	v, ok := p.open(w, r)
	if !ok {
		return
	}
	n, err := p.App.Denial(r.Context(), v.Reader, v.ID())
	if err == nil && n.Erased != nil {
		err = fault.New(fault.NotFound, "fault.not_found")
	}
	var body []byte
	if err == nil {
		body, err = p.App.DenialFile(n)
	}
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/jsonl")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": n.Reference + ".jsonl"}))
	_, _ = w.Write(body)
}

// rows are what partners are told, as they read it.
func (d *denialView) rows(ctx context.Context) []ui.SummaryRow {
	var items, grounds []string
	for _, k := range d.Notice.Content.Items {
		if c, ok := d.Pack.Category(k); ok {
			k = c.Name
		}
		items = append(items, k)
	}
	for _, g := range d.Notice.Content.Grounds {
		if x, ok := d.Pack.Rule(g); ok {
			g += ": " + x.Finding
		}
		grounds = append(grounds, g)
	}
	return []ui.SummaryRow{
		{Key: ui.T(ctx, "deciding.denial.items"), Text: strings.Join(items, "; ")},
		{Key: ui.T(ctx, "deciding.denial.codes"), Text: strings.Join(d.Notice.Content.Codes, ", ")},
		{Key: ui.T(ctx, "deciding.denial.use"), Text: d.Notice.Content.EndUse},
		{Key: ui.T(ctx, "deciding.denial.country"), Text: ui.P(ctx).Country(d.Notice.Country)},
		{Key: ui.T(ctx, "deciding.denial.grounds"), Text: strings.Join(grounds, "; ")},
		{Key: ui.T(ctx, "deciding.denial.day"), Text: ui.P(ctx).DayOf(string(d.Notice.Day))},
	}
}

// toldStates are the states that were told, in words.
func toldStates(ctx context.Context, n *denial.Notice) string {
	var names []string
	for _, s := range n.To {
		names = append(names, ui.P(ctx).Country(s))
	}
	return ui.P(ctx).List(names)
}

// refused tells whether a decision refused something.
func refused(x *licensing.Decision) bool {
	return slices.ContainsFunc(x.Lines, func(l licensing.LineDecision) bool { return l.Outcome == licensing.RefuseLine })
}
