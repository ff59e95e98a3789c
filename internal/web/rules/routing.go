package rules

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
	"github.com/comity-project/comity/policy"
)

// routing is who is asked for a line of a case, and who is not: the first line
// until another is chosen.
func (p pages) routing(w http.ResponseWriter, r *http.Request) {
	if !access.Can(door.Actor(r.Context()), access.PolicyRead, access.Thing{}) {
		p.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
		return
	}
	v, err := p.App.Routing(r.Context(), door.Actor(r.Context()), r.PathValue("case"))
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	at := max(0, slices.IndexFunc(v.Lines, func(l node.LineRouting) bool { return l.Line == r.URL.Query().Get("line") }))
	f := p.frame(w, r, door.T(r, "policy.routing"))
	f.Current = "cases"
	f.Crumbs = []ui.Link{{Text: v.Reference, Href: "/cases/" + url.PathEscape(v.Case)}, {Text: door.T(r, "policy.routing")}}
	ui.Render(w, r, http.StatusOK, routingView(f, v, at))
}

func routingHref(v *node.CaseRouting, line string) string {
	return "/policy/routing/" + url.PathEscape(v.Case) + "?line=" + url.QueryEscape(line)
}

// routeRows are those of a line that ask, or those that do not.
func routeRows(ctx context.Context, pack *policy.Pack, l node.LineRouting, asks bool) [][]ui.Cell {
	var rows [][]ui.Cell
	for _, x := range l.Routes {
		if x.Asks != asks {
			continue
		}
		who := x.Who
		switch x.Part {
		case "advice", "countersignature":
			who = ui.T(ctx, "policy.routing.role."+x.Who)
		case "sharing":
			who = ui.T(ctx, "policy.routing.with."+x.Who)
		case "assurance":
			who = ui.T(ctx, "policy.routing.recipient")
		}
		sub := ui.T(ctx, "policy.part."+x.Part)
		if x.Outcome == "approve" || x.Outcome == "refuse" {
			sub += " · " + ui.T(ctx, "policy.routing.outcome."+x.Outcome)
		}
		rows = append(rows, []ui.Cell{{Text: who, Sub: sub}, {Text: x.Text, Sub: x.ID}, {Value: routeWhy(pack, x)}})
	}
	return rows
}

// factWords is what a fact asks, in the pack's words.
func factWords(pack *policy.Pack, name string) string {
	if d, ok := pack.Fact(name); ok {
		return d.Question
	}
	return name
}
