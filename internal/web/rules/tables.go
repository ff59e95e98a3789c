package rules

import (
	"context"
	"maps"
	"slices"

	"github.com/comity-project/comity/internal/web/ui"
	"github.com/comity-project/comity/policy"
)

func ruleTable(ctx context.Context, pack *policy.Pack, g group) ui.Table {
	laws := pack.Document().Laws
	t := ui.Table{Caption: ui.T(ctx, "policy.force."+string(g.Force)), Hide: true, Columns: []ui.Column{
		{Title: ui.T(ctx, "policy.rule")}, {Title: ui.T(ctx, "policy.question")}, {Title: ui.T(ctx, "policy.threshold")}, {Title: ui.T(ctx, "policy.source")},
	}}
	for _, r := range g.Rules {
		t.Rows = append(t.Rows, []ui.Cell{{Value: ruleCell(r, in(laws, r.Law))}, {Text: r.Question}, {Text: r.Threshold}, {Text: r.Source}})
	}
	return t
}

func rows(ctx context.Context, r policy.Rule) []ui.SummaryRow {
	all := []ui.SummaryRow{
		{Key: ui.T(ctx, "policy.source"), Text: r.Source},
		{Key: ui.T(ctx, "policy.threshold"), Text: r.Threshold},
		{Key: ui.T(ctx, "policy.definition"), Text: r.Definition},
		{Key: ui.T(ctx, "policy.finding"), Text: r.Finding},
		{Key: ui.T(ctx, "policy.applies"), Value: code(r.Applies)},
		{Key: ui.T(ctx, "policy.when"), Value: code(r.When)},
		{Key: ui.T(ctx, "policy.evidence"), Text: joined(r.Evidence)},
		{Key: ui.T(ctx, "policy.mitigations"), Text: joined(r.Mitigations)},
		{Key: ui.T(ctx, "policy.note"), Text: r.Note},
	}
	return slices.DeleteFunc(all, func(row ui.SummaryRow) bool {
		return row.Text == "" && (row.Value == nil || row.Key == ui.T(ctx, "policy.applies") && r.Applies == "")
	})
}

func testTable(ctx context.Context, r policy.Rule) ui.Table {
	t := ui.Table{Caption: ui.T(ctx, "policy.tests"), Hide: true, Columns: []ui.Column{{Title: ui.T(ctx, "policy.given")}, {Title: ui.T(ctx, "policy.then")}}}
	for _, c := range r.Tests {
		given := ""
		for _, name := range slices.Sorted(maps.Keys(c.Facts)) {
			if given != "" {
				given += " · "
			}
			given += name + " = " + c.Facts[name].String()
		}
		if given == "" {
			given = ui.T(ctx, "policy.nothing_known")
		}
		t.Rows = append(t.Rows, []ui.Cell{{Text: given}, {Text: ui.T(ctx, "policy.status."+string(c.Want))}})
	}
	return t
}
