package node

import (
	"context"
	"slices"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/dispatch"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/store"
)

// Linked is what is linked: reports, ours and others', and whom and what they are
// about. What bears one name is one thing, whoever reported it.
type Linked struct {
	Reports []LinkedReport
	Things  []LinkedThing
	More    bool // there are older reports
}

// LinkedReport is a report with the places of its things in Things.
type LinkedReport struct {
	Leaf, Title, Issuer, TLP string
	Things                   []int
}

// LinkedThing is an end user, a vendor or a capability.
type LinkedThing struct {
	Name, Kind string // Kind: type of the object
	State      string // of an answer to a report: who gave it; Name is then ""
}

// maxLinked bounds the reports of one graph.
const maxLinked = 40

// Linked gathers the latest reports and what they are about.
func (a *App) Linked(ctx context.Context, actor access.Actor) (g Linked, err error) {
	if !access.Can(actor, access.ExchangeRead, access.Thing{}) {
		return g, fault.New(fault.NotFound, "fault.not_found")
	}
	err = a.db.View(ctx, func(t *store.Tx) error {
		rows, err := t.StatementsOfKind("report", maxLinked+1)
		if err != nil {
			return err
		}
		if g.More = len(rows) > maxLinked; g.More {
			rows = rows[:maxLinked]
		}
		if err := t.FetchKeys(statementStreams(rows)); err != nil {
			return err
		}
		var ids []string
		refs := make([][]string, len(rows))
		for i, e := range rows {
			if e.TLP == "red" && !named(actor) {
				g.Reports = append(g.Reports, LinkedReport{Leaf: e.ID, Issuer: e.Issuer, TLP: e.TLP})
				continue
			}
			v, err := a.said(t, e)
			if err != nil {
				return err
			}
			g.Reports = append(g.Reports, LinkedReport{Leaf: e.ID, Title: dispatch.ReadReport(v.Object).Title, Issuer: e.Issuer, TLP: e.TLP})
			if m, ok := v.Object.Root.Get("object_refs"); ok {
				for _, r := range m.Items {
					refs[i] = append(refs[i], r.Text)
				}
			}
			ids = append(ids, refs[i]...)
		}
		slices.Sort(ids)
		ids = slices.Compact(ids)
		things, err := t.CurrentStatements(ids[:min(len(ids), gatherAtOnce)])
		if err != nil {
			return err
		}
		if err := t.FetchKeys(statementStreams(things)); err != nil {
			return err
		}
		place, known := map[string]int{}, map[string]int{}
		for _, e := range things {
			if e.Sealed == nil {
				continue
			}
			v, err := a.said(t, e)
			if err != nil {
				return err
			}
			name := dispatch.ReadReport(v.Object).Title
			key := e.Kind + a.mark(name)
			if _, there := known[key]; !there {
				known[key] = len(g.Things)
				g.Things = append(g.Things, LinkedThing{Name: name, Kind: e.Kind})
			}
			place[e.Object] = known[key]
		}
		objects, at := make([]string, len(rows)), map[string]int{}
		for i, e := range rows {
			objects[i], at[e.Object] = e.Object, i
		}
		answers, err := t.AnswersTo(objects, maxLinked)
		if err != nil {
			return err
		}
		for _, e := range answers {
			r := &g.Reports[at[e.About]]
			r.Things = append(r.Things, len(g.Things))
			g.Things = append(g.Things, LinkedThing{Kind: e.Word, State: e.Issuer})
		}
		for i := range g.Reports {
			for _, id := range refs[i] {
				if x, ok := place[id]; ok && !slices.Contains(g.Reports[i].Things, x) {
					g.Reports[i].Things = append(g.Reports[i].Things, x)
				}
			}
		}
		return nil
	})
	return g, fault.Wrap(err, "node: what is linked")
}
