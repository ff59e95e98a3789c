package instruments

import (
	"bytes"
	"context"
	"encoding/csv"
	"net/http"
	"strings"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/instruments"
	"github.com/comity-project/comity/internal/web/ui"
)

// exported is one answer as exports write it, in the order of columns.
type exported struct {
	Clause, Element, Question, Instrument, Citation, Answer, Provision, Evidence, Case, Reason, By, Date, Gap string
}

func (e exported) row() []string {
	return []string{e.Clause, e.Element, e.Question, e.Instrument, e.Citation, e.Answer, e.Provision, e.Evidence, e.Case, e.Reason, e.By, e.Date, e.Gap}
}

// columns are the headings of an export.
func columns(ctx context.Context) []string {
	var out []string
	for _, k := range []string{"clause", "element", "question", "instrument", "citation", "answer", "provision", "evidence", "case", "reason", "by", "date", "gap"} {
		out = append(out, ui.T(ctx, "instruments.export."+k))
	}
	return out
}

// lines are the matrix answer by answer: each element all together first, then
// instrument by instrument. What nobody answered is there as unknown.
func (v view) lines(ctx context.Context) []exported {
	var out []exported
	for _, r := range v.Rows {
		line := func(j instruments.Judged, on *instruments.Version) {
			e := exported{
				Clause: r.Clause, Element: r.Title, Question: r.Question.Question, Instrument: ui.T(ctx, "instruments.together"), Answer: ui.T(ctx, "instruments.answer."+string(j.Answer)),
				Provision: j.Provision, Case: v.Cases[j.Case], Reason: j.Reason, Evidence: strings.Join(v.sourceNames(j.Items), "; "),
			}
			if on != nil {
				e.Instrument, e.Citation = on.Words.Title, on.Words.Citation
			}
			if !j.By.At.IsZero() {
				e.By, e.Date = v.name(j.By.Account), string(deadline.DateOf(j.By.At, nil))
			}
			for _, g := range r.Gaps {
				if g.Instrument == j.Instrument {
					e.Gap = v.gapText(ctx, g)
				}
			}
			out = append(out, e)
		}
		line(r.Together, nil)
		for n, c := range r.Cells {
			if c.Covers {
				line(c.Judged, v.Instruments[n].On(v.Day))
			}
		}
	}
	return out
}

// sourceNames are the titles of those sources that the reader may see.
func (v view) sourceNames(ids []string) []string {
	var out []string
	for _, id := range ids {
		if s, ok := v.Sources[id]; ok {
			out = append(out, s.Title)
		}
	}
	return out
}

// gapText says in one line what happens about a gap.
func (v view) gapText(ctx context.Context, g instruments.OpenGap) string {
	var parts []string
	for _, a := range g.Actions {
		if a.Open() {
			parts = append(parts, ui.T(ctx, "instruments.action.line", "what", a.What, "who", v.name(a.Owner), "day", dayText(ctx, a.Due)))
		} else {
			parts = append(parts, ui.T(ctx, "instruments.action.closed_line", "what", a.What, "done", a.Done))
		}
	}
	if g.Left != nil {
		parts = append(parts, ui.T(ctx, "instruments.left.line", "reason", g.Left.Reason, "who", v.name(g.Left.By.Account)))
	}
	if g.Bare() {
		parts = append(parts, ui.T(ctx, "instruments.gap.bare"))
	}
	return strings.Join(parts, "; ")
}

func (p pages) exportCSV(w http.ResponseWriter, r *http.Request) {
	v, ok := p.view(w, r)
	if !ok {
		return
	}
	var b bytes.Buffer
	out := csv.NewWriter(&b)
	rows := [][]string{columns(r.Context())}
	for _, e := range v.lines(r.Context()) {
		rows = append(rows, harmless(e.row()))
	}
	if err := out.WriteAll(rows); err != nil {
		p.Fail(w, r, err)
		return
	}
	send(w, "text/csv; charset=utf-8", "self-assessment-"+string(v.Day)+".csv", b.Bytes())
}

// harmless keeps a table program from taking a cell for a formula.
func harmless(cells []string) []string {
	for n, c := range cells {
		if c != "" && strings.ContainsRune("=+-@\t\r", rune(c[0])) {
			cells[n] = "'" + c
		}
	}
	return cells
}

func (p pages) exportHTML(w http.ResponseWriter, r *http.Request) {
	v, ok := p.view(w, r)
	if !ok {
		return
	}
	var b bytes.Buffer
	if err := exportedPage(p.Node, v, v.lines(r.Context())).Render(r.Context(), &b); err != nil {
		p.Fail(w, r, err)
		return
	}
	send(w, "text/html; charset=utf-8", "self-assessment-"+string(v.Day)+".html", b.Bytes())
}

// send gives a file to keep.
func send(w http.ResponseWriter, kind, name string, body []byte) {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	h.Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(body)
}
