package authority

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/web/ui"
)

// spine are the stages in the order of an ordinary case, one below the other;
// those beside are where a case waits and where it is given up.
var (
	spine = []licensing.Stage{
		licensing.Draft, licensing.SubmittedStage, licensing.Assessment, licensing.AdviceStage, licensing.RecommendStage,
		licensing.Countersignature, licensing.Intention, licensing.DecidedStage, licensing.AppealStage,
	}
	beside = []licensing.Stage{licensing.WithdrawnStage, licensing.Waiting}
)

// stageBox is a stage where the drawing has it.
type stageBox struct {
	Stage licensing.Stage
	X, Y  int // of its upper left corner
}

// stageArrow is a way from one stage to another.
type stageArrow struct {
	Path   string // in SVG's words
	Both   bool   // there and back
	Dashed bool   // taken by itself, when what was asked for is there
}

// Sizes of the drawing, in its own units.
const (
	stageWidth  = 190
	stageHeight = 34
	stageStep   = 60
	spineAt     = 275
	besideAt    = 560
	drawnWidth  = besideAt + stageWidth + 1
	drawnHeight = 9*stageStep - stageStep + stageHeight + 2
)

func stageBoxes() []stageBox {
	var out []stageBox
	for i, s := range spine {
		out = append(out, stageBox{s, spineAt, 1 + i*stageStep})
	}
	middle := 1 + len(spine)/2*stageStep
	return append(out, stageBox{beside[0], 1, middle}, stageBox{beside[1], besideAt, middle})
}

// several is how many ends a row has whose acts lead back to where the case
// stood, or on to wherever what is outstanding says.
const several = 3

// leads is where a row may lead from a stage: of officers only the first moves a
// case on.
func leads(t licensing.Transition, from licensing.Stage) []licensing.Stage {
	if t.Command == "case.assign" && from != licensing.SubmittedStage {
		return nil
	}
	return t.To
}

// stageArrows are the ways that the table knows, each once.
func stageArrows() []stageArrow {
	type way struct{ from, to licensing.Stage }
	ways, dashed := map[way]bool{}, map[way]bool{}
	for _, t := range licensing.Table {
		for _, from := range t.From {
			for _, to := range leads(t, from) {
				switch i := slices.Index(spine, from); {
				case from == to:
				case len(t.To) <= several || len(t.From) == 1:
					ways[way{from, to}] = true
				case i >= 0 && i+1 < len(spine) && spine[i+1] == to:
					dashed[way{from, to}] = true
				}
			}
		}
	}
	boxes := stageBoxes()
	var out []stageArrow
	for i, a := range boxes {
		for j, b := range boxes {
			there, back := ways[way{a.Stage, b.Stage}], ways[way{b.Stage, a.Stage}]
			side := a.X != b.X
			switch {
			case there && back && side && i < j:
				out = append(out, stageArrow{Path: arrowPath(a, b), Both: true})
			case there && !(back && side):
				out = append(out, stageArrow{Path: arrowPath(a, b)})
			case dashed[way{a.Stage, b.Stage}] && !there:
				out = append(out, stageArrow{Path: arrowPath(a, b), Dashed: true})
			}
		}
	}
	return out
}

// arrowPath leads down to the next stage, in a bow past those between, back in a
// bow on the other side, or across to what stands beside.
func arrowPath(a, b stageBox) string {
	const head = 3 // left free for the head of the arrow
	ya, yb := a.Y+stageHeight/2, b.Y+stageHeight/2
	switch {
	case b.X > a.X:
		return fmt.Sprintf("M%d %dL%d %d", a.X+stageWidth+head, ya, b.X-head, yb)
	case b.X < a.X:
		return fmt.Sprintf("M%d %dL%d %d", a.X-head, ya, b.X+stageWidth+head, yb)
	case b.Y == a.Y+stageStep:
		return fmt.Sprintf("M%d %dV%d", a.X+stageWidth/2, a.Y+stageHeight, b.Y-head)
	case b.Y > a.Y:
		bow := a.X + stageWidth + 12*(b.Y-a.Y)/stageStep
		return fmt.Sprintf("M%d %dC%d %d %d %d %d %d", a.X+stageWidth, ya+5, bow, ya+5, bow, yb-5, b.X+stageWidth+head, yb-5)
	}
	bow := a.X - 12*(a.Y-b.Y)/stageStep
	return fmt.Sprintf("M%d %dC%d %d %d %d %d %d", a.X, ya-5, bow, ya-5, bow, yb+5, b.X-head, yb+5)
}

// procedure shows the table of everything that may happen to a case, with where
// one stands marked.
func (p *pages) procedure(w http.ResponseWriter, r *http.Request) {
	here := licensing.Stage(r.URL.Query().Get("stage"))
	frame := p.frame(w, r, "cases", ui.T(r.Context(), "authority.procedure.title"))
	ui.Render(w, r, http.StatusOK, procedurePage(frame, here))
}

func stageName(ctx context.Context, s licensing.Stage) string {
	return ui.T(ctx, "licensing.name.stage."+string(s))
}

// procedureTable is what may happen in a stage: what, by whom, where it leads,
// what it does to the clock and what refuses it.
func procedureTable(ctx context.Context, stage licensing.Stage) ui.Table {
	title := ui.T(ctx, "authority.procedure.in", "stage", stageName(ctx, stage))
	out := ui.Table{Caption: title, Hide: true, Columns: []ui.Column{
		{Title: ui.T(ctx, "authority.procedure.what")},
		{Title: ui.T(ctx, "authority.procedure.who")},
		{Title: ui.T(ctx, "authority.procedure.next")},
		{Title: ui.T(ctx, "authority.procedure.clock")},
		{Title: ui.T(ctx, "authority.procedure.guards")},
	}}
	for _, x := range procedureRows(ctx, stage) {
		out.Rows = append(out.Rows, []ui.Cell{{Text: x.What}, {Text: x.Who}, {Text: x.Next}, {Text: x.Clock}, {Value: guardList(x.Guards)}})
	}
	return out
}

// procedureRow is a row of the table in words.
type procedureRow struct {
	What, Who, Next, Clock string
	Guards                 []string
}

// procedureRows are what the table takes in a stage.
func procedureRows(ctx context.Context, stage licensing.Stage) (out []procedureRow) {
	for _, t := range licensing.Table {
		if !slices.Contains(t.From, stage) {
			continue
		}
		clock := ""
		if t.Clock != licensing.NoEffect {
			clock = ui.T(ctx, "authority.procedure.clock."+string(t.Clock))
		}
		out = append(out, procedureRow{ui.T(ctx, "staff.event."+t.Event), whoText(ctx, t.Who()), nextText(ctx, t, stage), clock, guardTexts(ctx, t.Guards)})
	}
	return out
}

func whoText(ctx context.Context, roles []access.Role) string {
	var out []string
	for _, r := range roles {
		if r == licensing.System {
			return ui.T(ctx, "authority.procedure.node")
		}
		out = append(out, ui.T(ctx, "role."+string(r)))
	}
	return ui.P(ctx).List(out)
}

func nextText(ctx context.Context, t licensing.Transition, stage licensing.Stage) string {
	var out []string
	for _, s := range leads(t, stage) {
		if s != stage {
			out = append(out, stageName(ctx, s))
		}
	}
	if len(out) == 0 {
		return ui.T(ctx, "authority.procedure.stays")
	}
	return strings.Join(out, " · ")
}

// placeholder is what a sentence fills in from the case.
var placeholder = regexp.MustCompile(`\{[a-z_.]+\}`)

// guardTexts are the refusals in the words in which a person meets them, with dots
// for what depends on the case; several that begin alike stand by their code.
func guardTexts(ctx context.Context, keys []string) []string {
	var out []string
	for _, k := range keys {
		text := placeholder.ReplaceAllString(ui.T(ctx, k), "…")
		out = append(out, strings.Trim(text, "[]"))
	}
	return out
}
