package authority

import (
	"context"
	"strconv"

	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/web/ui"
)

// figuresTable is the figures that the rules look at: level, five-year trend, age
// and how other sources moved. Treaties are no figures; the brief holds them.
func figuresTable(ctx context.Context, p assessment.Profile) ui.Table {
	t := ui.Table{
		Caption: ui.T(ctx, "assessing.figures.title"), Hide: true,
		Columns: []ui.Column{
			{Title: ui.T(ctx, "assessing.figure.name")},
			{Title: ui.T(ctx, "assessing.figure.value"), Numeric: true},
			{Title: ui.T(ctx, "evidence.figures.trend"), Numeric: true},
			{Title: ui.T(ctx, "evidence.figures.age"), Numeric: true},
			{Title: ui.T(ctx, "evidence.figures.elsewhere")},
		},
	}
	for _, f := range p.Figures {
		trend := ui.T(ctx, "evidence.figures.no_trend")
		if f.Trend != nil {
			trend = ui.P(ctx).Number(*f.Trend, 2)
			if *f.Trend > 0 {
				trend = "+" + trend
			}
		}
		moved := ui.T(ctx, "evidence.figures.elsewhere.none")
		if same, other, rest, none := p.Elsewhere(f); !none {
			moved = ui.T(ctx, "evidence.figures.elsewhere.moved", "same", same, "other", other, "rest", rest)
		}
		t.Rows = append(t.Rows, []ui.Cell{
			{Text: indicatorName(ctx, f.Name), Sub: f.Latest.Source},
			{Text: ui.P(ctx).Number(f.Latest.Value, 2)},
			{Text: trend},
			{Text: ui.T(ctx, "evidence.figures.years", "count", f.Age), Sub: strconv.Itoa(f.Latest.Year)},
			{Text: moved},
		})
	}
	return t
}
