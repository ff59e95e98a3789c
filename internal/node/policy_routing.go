package node

import (
	"context"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/policy"
)

// CaseRouting is whom the pack in force asks for a case as it stands, line by
// line, and whom it does not.
type CaseRouting struct {
	Case      string // id
	Reference string
	Pack      *policy.Pack
	Lines     []LineRouting
}

// LineRouting is the routing of one line.
type LineRouting struct {
	Line        string
	Description string
	Routes      []policy.Route
}

// Routing says who is asked for a case and why, and who is not and why not.
func (a *App) Routing(ctx context.Context, actor access.Actor, id string) (*CaseRouting, error) {
	e, err := a.Engines(ctx)
	if err != nil {
		return nil, err
	}
	var c licensing.Case
	var s assessment.State
	var broken []licensing.BrokenElsewhere
	err = a.db.View(ctx, func(t *store.Tx) error {
		v, err := t.Load(CaseStream(id), &c)
		if err != nil {
			return err
		}
		if v == 0 || !access.Can(actor, access.CaseRead, thingOf(&c)) {
			return fault.New(fault.NotFound, "fault.not_found")
		}
		if _, err = t.Load(AssessmentStream(id), &s); err != nil {
			return err
		}
		broken, err = brokenElsewhere(t, &c)
		return err
	})
	if err != nil {
		return nil, fault.Wrap(err, "node: routing")
	}
	out := &CaseRouting{Case: c.ID, Reference: c.Reference, Pack: e.Pack}
	in := s.Input(CaseInput(&c, policy.DateOf(a.Now()), broken))
	for _, l := range in.Lines {
		out.Lines = append(out.Lines, LineRouting{l.ID, l.Description, policy.Routing(e.Pack, assessment.FactsOf(e.Pack, &in, l.ID, e.Destinations))})
	}
	return out, nil
}
