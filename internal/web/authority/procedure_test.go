package authority_test

import (
	"net/http"
	"testing"

	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/ui/uitest"
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

// An appeal is given to people who had no part in the decision, answered by one of
// them, and the case decided anew: each step from its page, and the first decision
// stays on the tab.
func TestPagesOfAnAppeal(t *testing.T) {
	d := newDesk(t, nodetest.Open(t, store.SQLite, nodetest.NewClock()))
	l := d.Licence()
	on, tab := licensing.On{Case: l.Case}, "/cases/"+l.Case+"/decision"
	coordinator, second, senior := d.SignIn(d.Coordinator), d.SignIn(d.Second), d.SignIn(d.Senior)
	d.Do(d.Applicant, licensing.LodgeAppeal{On: on, Appeal: "a1", Text: "The conditions are too narrow."})
	d.page("/cases/"+l.Case, coordinator).HasText("main", "An appeal waits for reviewers")
	ask := d.page(tab+"/review", coordinator).NothingChosen("reviewers").Form(tab + "/review")
	uitest.Post(t, d.site, ask, coordinator).Status(http.StatusUnprocessableEntity).HasText(".govuk-error-summary a", "Choose who reviews the appeal")
	ask.Values["reviewers"] = []string{d.Senior.Account}
	uitest.Post(t, d.site, ask, coordinator).Status(http.StatusConflict).HasText(".govuk-error-summary a", "does not review it")
	ask.Values["reviewers"] = []string{d.Second.Account}
	uitest.Post(t, d.site, ask, coordinator).Redirects(tab + "#appeals")
	d.page("/work", second).HasText("main", l.CaseRef)
	word := d.page(tab+"/appeal", second).NothingChosen("result").Form(tab + "/appeal")
	word.Set("result", "annulled")
	word.Set("reasons", "The conditions rest on another product.")
	uitest.Post(t, d.site, word, second).Status(http.StatusUnprocessableEntity)
	word.Set("told", "The conditions are looked at again.")
	uitest.Post(t, d.site, word, second).Redirects(tab + "#appeals")
	d.page(tab, second).HasText("#appeals", "annulled").HasText("#appeals", "Decision 2 is taken anew").HasText("main", "Decision 1, in force until the new one")

	m := d.Licence()
	again := d.page("/cases/"+m.Case+"/decision/reopen", senior).NothingChosen("ground").Form("/cases/" + m.Case + "/decision/reopen")
	again.Set("ground", "new_facts")
	again.Set("why", "A report names the user.")
	again.Set("told", "New facts have come to be known.")
	uitest.Post(t, d.site, again, senior).Redirects("/cases/" + m.Case + "/decision")
	d.page("/cases/"+m.Case+"/decision", senior).HasText("#appeals", "new facts")
}
