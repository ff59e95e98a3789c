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
	"github.com/comity-project/comity/internal/party"
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
	on("GET /cases/{case}/denial/file/{state}", p.denialFile)
	for act, read := range map[string]func(denial.OnNotice, *http.Request) any{"propose": proposeDenial, "look": lookAtDenial} {
		on("POST /cases/{case}/denial/"+act, func(w http.ResponseWriter, r *http.Request) {
			if v, ok := p.answering(w, r); ok {
				p.send(w, r, v, read(denial.OnNotice{Case: v.ID()}, r), "deciding.denial.done", "denial", func(status int, v *caseView, form ui.Form) { p.drawDenial(w, r, status, v, form) })
			}
		})
	}
}

func proposeDenial(on denial.OnNotice, r *http.Request) any {
	to := strings.FieldsFunc(strings.ToUpper(field(r, "to")), func(c rune) bool { return c == ',' || c == ' ' || c == ';' })
	return denial.Propose{OnNotice: on, To: to, Without: r.PostForm["without"], Words: denial.Words{Use: field(r, "use"), How: field(r, "how"), Why: field(r, "why")}}
}

func lookAtDenial(on denial.OnNotice, r *http.Request) any {
	why := field(r, "why")
	switch r.PostForm.Get("outcome") {
	case "release":
		return denial.Release{OnNotice: on}
	case "return":
		return denial.Return{OnNotice: on, Why: why}
	case "end":
		return denial.TakeBack{OnNotice: on, Why: why}
	}
	return denial.Keep{OnNotice: on, Why: why}
}

// denialView is the notice of a refusal on its page.
type denialView struct {
	*caseView
	Notice  *denial.Notice
	Pack    *policy.Pack
	Form    ui.Form
	Propose bool     // the form that says who is told is open
	Acts    []string // what the reader may say came of looking at it
}

func (p *pages) drawDenial(w http.ResponseWriter, r *http.Request, status int, v *caseView, form ui.Form) {
	n, err := p.App.Denial(r.Context(), v.ID())
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	e, err := p.App.Engines(r.Context())
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	d := &denialView{caseView: v, Notice: n, Pack: e.Pack, Form: form}
	refused := len(n.Content.Grounds) > 0
	intends, changes := v.may(access.CaseIntend), r.URL.Query().Has("change") || strings.HasSuffix(r.URL.Path, "/propose")
	switch s := n.Status(); {
	case n.Erased != nil || s == "ended":
	case s == "proposed" && v.may(access.CaseCountersign) && n.Draft.By.Account != v.Reader.Account:
		d.Acts = []string{"release", "return"}
	case s == "draft" && !refused && intends:
		d.Acts = []string{"end"}
	case s == "draft" && intends, s == "valid" && intends && changes:
		d.Propose = true
		if status == http.StatusOK && n.Stands != nil {
			d.Form = ui.FormOf("to", strings.Join(n.Stands.To, ", "), "use", n.Stands.Words.Use, "how", n.Stands.Words.How)
		}
	case s == "valid" && intends:
		d.Acts = []string{"keep", "end"}
	}
	p.draw(w, r, status, v, tabDecision, d.Form, denialPage(d))
}

// denialFile is what a state that was told of this refusal may have: it, and all
// others that it was told of.
func (p *pages) denialFile(w http.ResponseWriter, r *http.Request) {
	v, ok := p.open(w, r)
	if !ok {
		return
	}
	n, err := p.App.Denial(r.Context(), v.ID())
	state := r.PathValue("state")
	if err == nil && !slices.Contains(n.Was(), state) {
		err = fault.New(fault.NotFound, "fault.not_found")
	}
	var body []byte
	if err == nil {
		body, err = p.App.DenialFile(r.Context(), v.Reader, state)
	}
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/jsonl")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": "denials-" + strings.ToLower(state) + ".jsonl"}))
	_, _ = w.Write(body)
}

// shown is what the page shows: what waits for a second person, else what
// partners have, else what was refused.
func (d *denialView) shown() denial.Version {
	switch n := d.Notice; {
	case n.Draft != nil:
		return *n.Draft
	case n.Stands != nil && n.Due == "":
		return *n.Stands
	}
	return denial.Version{Content: d.Notice.Content}
}

// rows are what partners are told, as they read it.
func (d *denialView) rows(ctx context.Context) []ui.SummaryRow {
	var items, grounds []string
	v := d.shown()
	for _, k := range v.Content.Items {
		if c, ok := d.Pack.Category(k); ok {
			k = c.Name
		}
		items = append(items, k)
	}
	for _, g := range v.Content.Grounds {
		if x, ok := d.Pack.Rule(g); ok {
			g += ": " + x.Finding
		}
		grounds = append(grounds, g)
	}
	var rows []ui.SummaryRow
	for _, p := range v.Content.Parties {
		rows = append(rows, ui.SummaryRow{Key: ui.T(ctx, "party.role."+p.Role), Value: ui.Foreign(strings.Join(p.Names, "; "), "und")})
	}
	for _, x := range [][2]string{
		{"deciding.denial.items", strings.Join(items, "; ")},
		{"deciding.denial.codes", strings.Join(v.Content.Codes, ", ")},
		{"deciding.denial.use", v.Words.Use},
		{"deciding.denial.country", ui.P(ctx).Country(d.Notice.Country)},
		{"deciding.denial.grounds", strings.Join(grounds, " ")},
		{"deciding.denial.day", ui.P(ctx).DayOf(string(d.Notice.Day))},
		{"deciding.denial.to", statesNamed(ctx, v.To)},
		{"deciding.denial.how", v.Words.How},
		{"deciding.denial.change.why", v.Words.Why},
	} {
		if x[1] != "" {
			rows = append(rows, ui.SummaryRow{Key: ui.T(ctx, x[0]), Text: x[1]})
		}
	}
	return rows
}

// without are the parties that may be left out.
func (d *denialView) without() (out []ui.Option) {
	for _, p := range d.Notice.Content.Parties {
		out = append(out, ui.Option{Value: p.ID, Text: p.Names[0]})
	}
	return out
}

func (d *denialView) outcomes(ctx context.Context) (out []ui.Option) {
	for _, a := range d.Acts {
		out = append(out, ui.Option{Value: a, Text: ui.T(ctx, "deciding.denial.outcome."+a)})
	}
	return out
}

func statesNamed(ctx context.Context, codes []string) string {
	var names []string
	for _, s := range codes {
		names = append(names, ui.P(ctx).Country(s))
	}
	return ui.P(ctx).List(names)
}

// denialSteps is where a notice stands and how it came there.
func denialSteps(ctx context.Context, n *denial.Notice) (out []string) {
	say := func(key string, args ...any) { out = append(out, ui.T(ctx, key, args...)) }
	for _, t := range n.Told {
		say("deciding.denial.told", "states", statesNamed(ctx, t.To), "day", t.By.At)
	}
	for _, k := range n.Kept {
		say("deciding.denial.kept", "day", k.By.At, "why", k.Why.Value)
	}
	if x := n.Returned; x != nil {
		say("deciding.denial.returned", "day", x.By.At, "why", x.Why.Value)
	}
	due := ui.P(ctx).DayOf(string(n.Due))
	switch n.Status() {
	case "ended":
		say("deciding.denial.ended", "day", n.Ended.By.At, "why", n.Ended.Why.Value)
	case "valid":
		say("deciding.denial.review", "day", ui.P(ctx).DayOf(string(n.Review)))
	case "proposed":
		say("deciding.denial.waits", "day", due)
	default:
		if len(n.Content.Grounds) == 0 && n.Erased == nil {
			say("deciding.denial.nothing", "day", due)
		} else {
			say("deciding.denial.due", "day", due)
		}
	}
	return out
}

// refused tells whether a decision refused something.
func refused(x *licensing.Decision) bool {
	return slices.ContainsFunc(x.Lines, func(l licensing.LineDecision) bool { return l.Outcome == licensing.RefuseLine })
}

// nameRefused notes the earlier refusals that name each party of a page.
func (p *pages) nameRefused(r *http.Request, v *caseView, parties []partyView) error {
	var names []string
	for _, x := range parties {
		names = append(names, namesIn(x.Party)...)
	}
	found, err := p.App.DenialsNaming(r.Context(), v.Reader, names, v.ID())
	for i, x := range parties {
		for _, n := range namesIn(x.Party) {
			for _, f := range found[n] {
				if !slices.ContainsFunc(parties[i].Refused, func(y ui.Option) bool { return y.Value == f.Case }) {
					parties[i].Refused = append(parties[i].Refused, ui.Option{Value: f.Case, Text: ui.T(r.Context(), "authority.party.refused", "reference", f.Reference, "day", ui.P(r.Context()).DayOf(f.Refused), "role", ui.T(r.Context(), "party.role."+f.Role))})
				}
			}
		}
	}
	return err
}

// namesIn are a party's names in every script. Names of units stay out: many
// bodies have an operations unit.
func namesIn(x party.Party) (out []string) {
	for _, n := range x.Names {
		for _, text := range []string{n.Text, n.Latin} {
			if text != "" {
				out = append(out, text)
			}
		}
	}
	return out
}
