package authority

import (
	"context"
	"strings"

	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/web/ui"
	"github.com/comity-project/comity/policy"
)

// apart are two lines with the same kind of item of which one goes and the other
// does not, and the facts that part them.
type apart struct {
	Refused, Goes assessment.LineReport
	Facts         []policy.FactDef
	Country       bool // what is known of the destination is among them
}

// partings finds, for each line that is refused, the first line with the same
// kind of item that goes. Where nothing is decided yet, what is recommended
// counts.
func (s *sheet) partings() []apart {
	outcomes := map[string]licensing.Outcome{}
	if p := s.Case.Proposal; p != nil && !s.Held {
		for _, o := range p.Outcomes {
			outcomes[o.Line] = o.Outcome
		}
	}
	if x := s.Case.Decision; x != nil {
		for _, l := range x.Lines {
			outcomes[l.Line] = l.Outcome
		}
	}
	var out []apart
	for _, refused := range s.lines() {
		if outcomes[refused.Line] != licensing.RefuseLine || refused.Category == "" {
			continue
		}
		for _, goes := range s.lines() {
			if goes.Category == refused.Category && outcomes[goes.Line].LetsGo() {
				out = append(out, s.parting(refused, goes))
				break
			}
		}
	}
	return out
}

func (s *sheet) parting(refused, goes assessment.LineReport) apart {
	a := apart{Refused: refused, Goes: goes}
	for _, def := range s.Pack.Document().Facts {
		was, is := refused.Facts[def.Name], goes.Facts[def.Name]
		if def.Derived || was.Value == is.Value || !was.Value.Known() && !is.Value.Known() {
			continue
		}
		a.Facts = append(a.Facts, def)
		a.Country = a.Country || strings.HasPrefix(def.Name, "dest.")
	}
	return a
}

func apartTable(ctx context.Context, a apart) ui.Table {
	t := ui.Table{Caption: ui.T(ctx, "deciding.apart.table"), Hide: true, Columns: []ui.Column{
		{Title: ui.T(ctx, "deciding.apart.fact")}, {Title: ui.T(ctx, "deciding.apart.refused", "line", a.Refused.Line)}, {Title: ui.T(ctx, "deciding.apart.goes", "line", a.Goes.Line)},
	}}
	cell := func(f policy.Fact) ui.Cell { return ui.Cell{Text: valueText(ctx, f.Value), Sub: f.Source} }
	for _, def := range a.Facts {
		t.Rows = append(t.Rows, []ui.Cell{{Text: def.Question}, cell(a.Refused.Facts[def.Name]), cell(a.Goes.Facts[def.Name])})
	}
	return t
}
