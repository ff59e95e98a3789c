package exchange

import (
	"net/http"

	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

func (p pages) graph(w http.ResponseWriter, r *http.Request) {
	g, err := p.App.Linked(r.Context(), door.Actor(r.Context()))
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	ui.Render(w, r, http.StatusOK, graphPage(p.frame(w, r, door.T(r, "exchange.graph.title"), p.home(r)), graphView{g}))
}

// graphView is the graph of what is linked: reports on one side, what they are
// about on the other.
type graphView struct{ node.Linked }

// Sizes of the drawing, in its own units.
const (
	rowHeight  = 34
	boxHeight  = 26
	leftWidth  = 330
	rightFrom  = 470
	rightWidth = 330
	shownChars = 42
)

func (g graphView) height() int {
	return max(len(g.Reports), len(g.Things))*rowHeight + 10
}

// middle is the height of the middle of a row.
func middle(i int) int { return 10 + i*rowHeight + boxHeight/2 }

// short cuts a text to what a box has room for.
func short(text string) string {
	if r := []rune(text); len(r) > shownChars {
		return string(r[:shownChars-1]) + "…"
	}
	return text
}
