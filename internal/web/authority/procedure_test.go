package authority_test

import (
	"net/http"
	"testing"

	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
)

// The committee, directions and dissents stand on the decision tab with what a
// reader may do about them; who keeps out is told why nothing can be done.
func TestPagesOfProcedure(t *testing.T) {
	d := openRoom(t, nodetest.Open(t, store.SQLite, nodetest.NewClock()))
	in := nodetest.Example(t, "12")
	id := d.Submit(d.Application(in))
	d.Settle(id, in)
	d.Complete(id, in)
	on, outcomes := licensing.On{Case: id}, []licensing.LineOutcome{{Line: in.Lines[0].ID, Outcome: licensing.Issue}}
	d.Do(d.Officer, licensing.Recommend{On: on, Outcomes: outcomes, Reasons: "It protects those who use it."})
	at := "/cases/" + id
	d.get(d.Ministry, at+"/decision/escalate").Status(http.StatusOK)
	d.Do(d.Ministry, licensing.Escalate{On: on, Escalation: "e1", Question: "Trade and foreign affairs differ."})
	d.get(d.Senior, at+"/decision/minute").Status(http.StatusOK)
	d.Do(d.Senior, licensing.Minute{On: on, Escalation: "e1", Outcomes: outcomes, Text: "The majority would issue.", Positions: []licensing.Position{
		{Name: "Trade ministry", Vote: licensing.VoteFor}, {Name: "Foreign ministry", Vote: licensing.VoteAgainst, Dissent: "The record speaks against it."},
	}})
	d.get(d.Senior, at+"/decision/direct").Status(http.StatusOK)
	d.Do(d.Senior, licensing.Direct{On: on, Direction: "x1", Office: "cabinet", Who: "The cabinet", Day: "2026-11-09", Outcomes: []licensing.LineOutcome{{Line: in.Lines[0].ID, Outcome: licensing.LineNotNeeded}}, Text: "No licence shall be asked for."})
	d.get(d.Adviser, at+"/decision/dissent").Status(http.StatusOK)
	d.Do(d.Adviser, licensing.LodgeDissent{On: on, Dissent: "d1", Text: "A licence is needed."})
	d.get(d.Auditor, at+"/decision/close-dissent").Status(http.StatusOK)
	d.get(d.Officer, at+"/decision").HasText("#committee", "The record speaks against it.").HasText("#directed", "the officer's recommendation").HasText("#dissents", "only the auditor can close it")
	d.get(d.Officer, at+"/decision/decide").HasText("#decide", "This decision carries out the direction of the cabinet")
	d.get(d.Second, at+"/recuse").Status(http.StatusOK)
	d.Do(d.Second, licensing.Recuse{On: on, Person: d.Second.Account, Ground: "money", Why: "I hold shares."})
	d.get(d.Second, at).HasText("main", "You keep out of this case")
	d.get(d.Coordinator, at+"/recusal/lift").Status(http.StatusOK)
}
