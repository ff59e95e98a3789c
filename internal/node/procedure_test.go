package node_test

import (
	"context"
	"testing"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
)

// On the real commands: who keeps out acts neither in the case nor in its
// assessment; a direction is recorded, goes against the recommendation, is
// carried out by another person, and counts in the year's figures; the adviser's
// dissent is closed by the auditor alone.
func TestProcedureOnTheNode(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		h := nodetest.Staff(t, app)
		ctx := context.Background()
		in := nodetest.Example(t, "12")
		id := h.Submit(h.Application(in))
		on, line := licensing.On{Case: id}, in.Lines[0].ID
		h.Do(h.Second, licensing.Recuse{On: on, Person: h.Second.Account, Ground: "earlier_part", Why: "I worked for the exporter."})
		for _, cmd := range []any{
			licensing.ChangeBasis{On: on, What: licensing.BasisHit, Ref: "x"},
			assessment.Classify{Case: id, Line: line, Category: "encryption", Reason: "x"},
		} {
			if err := app.Do(ctx, h.Second, cmd); !hasKey(err, "licensing.recused") {
				t.Errorf("%T by who keeps out: %v", cmd, err)
			}
		}
		if err := app.Do(ctx, h.Applicant, licensing.Recuse{On: on, Person: h.Officer.Account, Ground: "other", Why: "x"}); !fault.Is(err, fault.NotFound) {
			t.Errorf("an applicant keeps an officer out: %v", err)
		}
		h.Settle(id, in)
		h.Complete(id, in)
		h.Do(h.Officer, licensing.Recommend{On: on, Outcomes: []licensing.LineOutcome{{Line: line, Outcome: licensing.Issue}}, Reasons: "It protects those who use it."})
		outcomes := []licensing.LineOutcome{{Line: line, Outcome: licensing.LineNotNeeded}}
		direct := licensing.Direct{On: on, Direction: node.NewID(), Office: "minister", Who: "The minister of trade", Day: deadline.DateOf(app.Now(), nil), Outcomes: outcomes, Text: "No licence shall be asked for."}
		if err := app.Do(ctx, h.Officer, direct); !fault.Is(err, fault.Denied) {
			t.Errorf("an officer records a direction: %v", err)
		}
		h.Do(h.Coordinator, direct)
		h.Do(h.Adviser, licensing.LodgeDissent{On: on, Dissent: "d1", Text: "The adviser holds that a licence is needed."})
		decide := licensing.DecideCase{On: on, Outcomes: outcomes, Direction: direct.Direction, Reasons: "As directed.", Redress: "2026-11-22"}
		h.Do(h.Senior, decide)
		c := h.File(h.Officer, id).Case
		if c.Decision.Direction != direct.Direction || c.Decision.Recommender != h.Officer.Account || c.Proposal.Outcomes[0].Outcome != licensing.Issue || c.Directions[0].Against[0] != "recommendation" {
			t.Fatalf("decision %+v", c.Decision)
		}
		if err := app.Do(ctx, h.Senior, licensing.CloseDissent{On: on, Dissent: "d1", Why: "x"}); !fault.Is(err, fault.Denied) {
			t.Errorf("a senior officer closes a dissent: %v", err)
		}
		h.Do(h.Auditor, licensing.CloseDissent{On: on, Dissent: "d1", Why: "Both texts are on record."})
		if n := h.File(h.Officer, id).Case.OpenDissents(); n != 0 {
			t.Errorf("%d dissents are open", n)
		}
		f, differences, err := app.CheckYear(ctx, access.System(), app.Now().Year())
		if err != nil || f.Directed != 1 || len(differences) != 0 {
			t.Errorf("the year counts %d directions, differs by %v (%v)", f.Directed, differences, err)
		}
	})
}
