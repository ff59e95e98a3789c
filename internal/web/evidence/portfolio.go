package evidence

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

// portfolioView is where the cases that the reader may see lie: by destination,
// by severity, and by how they ended.
type portfolioView struct {
	Places   []place
	Severity [6]int64            // cases by severity; 0 not known
	Ended    map[string][6]int64 // by outcome, then severity
	Total    int64
}

// place is one destination.
type place struct {
	Code                                 string
	Open, Issued, Refused, Split, Closed int64 // Closed: withdrawn, or no licence required
	Grave                                int64 // of severity 4 and 5, or not known
}

func (p place) total() int64 { return p.Open + p.Issued + p.Refused + p.Split + p.Closed }

func (p pages) portfolio(w http.ResponseWriter, r *http.Request) {
	var rows []store.Portion
	err := p.App.Store().View(r.Context(), func(t *store.Tx) (err error) {
		rows, err = t.Portfolio(access.ScopeOf(door.Actor(r.Context()), access.CaseRead))
		return err
	})
	if err != nil {
		p.Fail(w, r, fault.Wrap(err, "evidence: portfolio"))
		return
	}
	frame := p.frame(w, r, door.T(r, "portfolio.title"), ui.Link{Text: door.T(r, "evidence.title"), Href: "/evidence"})
	ui.Render(w, r, http.StatusOK, portfolioPage(frame, portfolioOf(rows)))
}

// portfolioOf adds rows up.
func portfolioOf(rows []store.Portion) portfolioView {
	v := portfolioView{Ended: map[string][6]int64{}}
	at := map[string]int{}
	for _, r := range rows {
		i, ok := at[r.Destination]
		if !ok {
			i = len(v.Places)
			at[r.Destination] = i
			v.Places = append(v.Places, place{Code: r.Destination})
		}
		x, severity := &v.Places[i], min(max(r.Severity, 0), 5)
		switch {
		case r.Group != "closed":
			x.Open += r.Cases
		case r.Outcome == "issued":
			x.Issued += r.Cases
		case r.Outcome == "refused":
			x.Refused += r.Cases
		case r.Outcome == "split":
			x.Split += r.Cases
		default:
			x.Closed += r.Cases
		}
		if severity == 0 || severity >= 4 {
			x.Grave += r.Cases
		}
		v.Severity[severity] += r.Cases
		if r.Outcome != "" {
			by := v.Ended[r.Outcome]
			by[severity] += r.Cases
			v.Ended[r.Outcome] = by
		}
		v.Total += r.Cases
	}
	slices.SortFunc(v.Places, func(a, b place) int {
		return cmp.Or(cmp.Compare(b.total(), a.total()), cmp.Compare(a.Code, b.Code))
	})
	return v
}

// tiles are the places as a map.
func (v portfolioView) tiles(ctx context.Context) ui.TileMap {
	m := ui.TileMap{ID: "map", Title: ui.T(ctx, "portfolio.map"), Desc: ui.T(ctx, "portfolio.map.desc", "cases", v.Total, "places", len(v.Places)), Note: ui.T(ctx, "portfolio.map.note")}
	for _, p := range v.Places {
		m.Tiles = append(m.Tiles, ui.Tile{Code: p.Code, Name: ui.P(ctx).Country(p.Code), Value: p.total()})
	}
	return m
}

func casesTo(code string) string { return "/cases?" + url.Values{"destination": {code}}.Encode() }
