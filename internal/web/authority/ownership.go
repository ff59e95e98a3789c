package authority

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/comity-project/comity/internal/party"
	"github.com/comity-project/comity/internal/web/ui"
)

// holders is who stands behind whom among the parties of a case and the owners
// that they name: boxes in columns, those behind all others first.
type holders struct {
	Boxes  []holder
	Shares []share
}

// holder is a party, an owner, or what is not known of owners.
type holder struct {
	Names         []party.Name
	Party         string          // its id, where it is a party of the case
	Lacks         party.Knowledge // where it stands for owners who are not known
	Gap           bool            // it does
	Column, Place int
}

// share is a line from who holds to what is held.
type share struct {
	From, To int
	Owner    party.Owner // zero where it is not known
}

// maxHolders bounds the drawing; every owner is named with its party whatever
// the drawing leaves out.
const maxHolders = 60

// holdersOf draws who stands behind whom. One name is one box: an owner who is
// another's party, or stands behind two, joins them into a chain.
func holdersOf(parties []party.Party) holders {
	var g holders
	at := map[string]int{}
	box := func(h holder) int {
		key := strings.ToLower(strings.TrimSpace(party.PrimaryName(h.Names)))
		i, known := at[key]
		if !known || key == "" {
			i = len(g.Boxes)
			g.Boxes = append(g.Boxes, h)
			if key != "" {
				at[key] = i
			}
		}
		if h.Party != "" {
			g.Boxes[i].Party = h.Party
		}
		return i
	}
	for _, p := range parties {
		if len(p.Ownership.Owners) == 0 || len(g.Boxes) >= maxHolders {
			continue
		}
		held := box(holder{Names: p.Names, Party: p.ID})
		for _, o := range p.Ownership.Owners {
			if len(g.Boxes) < maxHolders {
				g.Shares = append(g.Shares, share{box(holder{Names: o.Names}), held, o})
			}
		}
	}
	if len(g.Shares) == 0 {
		return holders{}
	}
	for _, p := range parties {
		known := p.Ownership.Knowledge == party.Known || p.Kind == party.Agency || p.Kind == party.Person
		if i, drawn := at[strings.ToLower(strings.TrimSpace(p.Name()))]; drawn {
			g.Boxes[i].Party = p.ID
			if !known {
				g.Boxes = append(g.Boxes, holder{Gap: true, Lacks: p.Ownership.Knowledge})
				g.Shares = append(g.Shares, share{From: len(g.Boxes) - 1, To: i})
			}
		}
	}
	g.place()
	return g
}

// place gives each box a column past all that stand behind it, and a place near
// them. Companies that hold one another stay where a few rounds leave them.
func (g *holders) place() {
	const rounds = 8
	for range rounds {
		for _, s := range g.Shares {
			if c := g.Boxes[s.From].Column + 1; c <= rounds && s.From != s.To {
				g.Boxes[s.To].Column = max(g.Boxes[s.To].Column, c)
			}
		}
	}
	behind := make([]float64, len(g.Boxes)) // the mean place of who stands behind
	order := make([]int, len(g.Boxes))
	for i := range order {
		order[i] = i
	}
	for column := 0; column <= rounds; column++ {
		for i := range g.Boxes {
			sum, n := 0.0, 0.0
			for _, s := range g.Shares {
				if s.To == i && g.Boxes[s.From].Column < column {
					sum, n = sum+float64(g.Boxes[s.From].Place), n+1
				}
			}
			behind[i] = sum / max(n, 1)
		}
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(behind[a], behind[b]) })
		place := 0
		for _, i := range order {
			if g.Boxes[i].Column == column {
				g.Boxes[i].Place = place
				place++
			}
		}
	}
}

// Sizes of the drawing, in its own units.
const (
	holderWidth  = 220
	holderHeight = 30
	holderGap    = 110 // between columns, where the share is written
	holderRow    = 46
)

func (h holder) left() int   { return 1 + h.Column*(holderWidth+holderGap) }
func (h holder) top() int    { return 8 + h.Place*holderRow }
func (h holder) middle() int { return h.top() + holderHeight/2 }

func (g holders) size() (width, height int) {
	for _, b := range g.Boxes {
		width, height = max(width, b.left()+holderWidth+1), max(height, b.top()+holderHeight+8)
	}
	return width, height
}

// label is what a box says.
func (h holder) label(ctx context.Context) string {
	const room = 30
	switch name := party.PrimaryName(h.Names); {
	case h.Gap && h.Lacks == party.Unstated:
		return ui.T(ctx, "authority.owners.gap.unstated")
	case h.Gap:
		return ui.T(ctx, "authority.owners.gap."+string(h.Lacks))
	case name == "":
		return ui.T(ctx, "authority.party.nameless")
	default:
		return shortened(name, room)
	}
}

// label is what a line says: how much is held, or that it is not known.
func (s share) label(ctx context.Context) string {
	switch {
	case s.Owner.ShareBP > 0:
		return ui.P(ctx).Percent(float64(s.Owner.ShareBP) / 10000)
	case s.Owner.Controls:
		return ui.T(ctx, "authority.owner.controls")
	}
	return "?"
}
