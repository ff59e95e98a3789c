package exchange

import (
	"context"
	"slices"

	"github.com/comity-project/comity/internal/web/ui"
	"github.com/comity-project/comity/statement/sharing"
)

// viaShown bounds the states that are named as a way round: where there are more
// it is any of those in the list.
const viaShown = 4

// would says from whom a state would have the paper.
func would(ctx context.Context, hop sharing.Reach) string {
	state := ui.P(ctx).Country(hop.State)
	if len(hop.Via) == 0 || len(hop.Via) > viaShown {
		return ui.T(ctx, "exchange.who.would", "state", state)
	}
	return ui.T(ctx, "exchange.who.would_via", "state", state, "states", states(ctx, hop.Via))
}

// handedOn says whether states of the list hand the paper on to one another; ""
// where there is one of them or none.
func (v paperView) handedOn(ctx context.Context) string {
	switch {
	case slices.ContainsFunc(v.Hops, func(hop sharing.Reach) bool { return len(hop.Via) > 0 }):
		return ui.T(ctx, "exchange.who.hops")
	case len(v.Hops) > 1:
		return ui.T(ctx, "exchange.who.hops_none")
	}
	return ""
}
