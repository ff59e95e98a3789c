package authority_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/rulebook"
	"github.com/comity-project/comity/internal/web/ui/uitest"
	"github.com/comity-project/comity/policy"
)

// stricterRules puts a pack in force that asks one thing more of every item that
// can be misused.
func (d desk) stricterRules(clock *nodetest.Clock) {
	d.T.Helper()
	ctx := d.T.Context()
	e, err := d.App.Engines(ctx)
	if err != nil {
		d.T.Fatal(err)
	}
	doc := e.Pack.Document()
	doc.Version = "next"
	doc.Facts = append(slices.Clone(doc.Facts), policy.FactDef{Name: "use.oversight_lost", Kind: policy.KindBool, Question: "Was the body that oversees the use dissolved?"})
	facts := func(lost ...policy.Value) map[string]policy.Value {
		out := map[string]policy.Value{"item.path_to_harm": policy.Bool(true)}
		for _, v := range lost {
			out["use.oversight_lost"] = v
		}
		return out
	}
	doc.Rules = append(slices.Clone(doc.Rules), policy.Rule{
		ID: "NEW-1", Law: "code", Source: "Export Act s. 4a (made up)", Force: policy.RefuseIf, Question: "Has the use lost its oversight?",
		Applies: "item.path_to_harm", When: "use.oversight_lost", Finding: "Nobody oversees the use any more.",
		Tests: []policy.Case{{Facts: facts(policy.Bool(true)), Want: policy.Met}, {Facts: facts(policy.Bool(false)), Want: policy.NotMet}, {Facts: facts(), Want: policy.Unknown}},
	})
	next, err := policy.New(doc)
	if err != nil {
		d.T.Fatal(err)
	}
	text, err := node.PackText(next)
	if err != nil {
		d.T.Fatal(err)
	}
	editor := nodetest.Person(d.T, d.App, d.Authority, "editor", access.PolicyEditor)
	id := node.NewID()
	d.Do(editor, node.ProposePack{ID: id, Text: text, Note: "Oversight is asked about."})
	d.Do(d.Senior, rulebook.Publish{ID: id, From: deadline.Date(policy.DateOf(d.App.Now())).Add(1)})
	d.Later(clock, 24*time.Hour)
	if err := d.App.ReloadEngines(ctx); err != nil {
		d.T.Fatal(err)
	}
	if e, err := d.App.Engines(ctx); err != nil || e.Pack.Hash() != next.Hash() {
		d.T.Fatalf("the new pack is not in force: %v", err)
	}
}

// A pack that comes into force between assessment and decision asks its own
// questions first: the decision waits for them, names them with the place where
// each is answered, and goes through once they are.
func TestAPackThatChangesAsksBeforeTheDecision(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		d := newDesk(t, app)
		id, _ := d.gateway()
		d.advise(id, false)
		d.recommend(id, map[string]string{"gateway": "issue"}, "", "named-unit")
		d.stricterRules(clock)
		senior, tab := d.SignIn(d.Senior), "/cases/"+id+"/decision"
		form := d.issue(tab, senior, clock, "gateway")
		no := uitest.Post(t, d.site, form, senior).Status(http.StatusConflict)
		no.HasText(".govuk-error-summary a", "there is no finding on NEW-1")
		if where := no.Link("Line gateway: there is no finding on NEW-1."); where != "/cases/"+id+"/assessment?line=gateway#rule-gateway-NEW-1" {
			t.Errorf("it is solved at %s", where)
		}
		if d.File(d.Officer, id).Case.Decision != nil {
			t.Fatal("it was decided under rules that nobody put to it")
		}
		d.page("/cases/"+id+"/assessment", d.SignIn(d.Officer)).HasText("#rule-gateway-NEW-1", "Was the body that oversees the use dissolved?")

		d.Do(d.Officer, assessment.RecordFact{Case: id, ID: node.NewID(), Answer: assessment.Answer{
			Fact: "use.oversight_lost", Value: policy.Bool(false), Source: "gazette of Belmar", Date: policy.DateOf(app.Now()),
		}})
		d.Do(d.Officer, assessment.MakeFindings{Case: id, Findings: d.Findings(id)})
		late := uitest.Post(t, d.site, d.issue(tab, senior, clock, "gateway"), senior).Status(http.StatusConflict)
		late.HasText(".govuk-error-summary a", "The case has changed since the assessment was confirmed. Confirm it again.")
		late.LacksText("there is no finding on NEW-1")

		on := licensing.On{Case: id}
		d.Do(d.Officer, assessment.Complete{Case: id})
		d.Do(d.Adviser, licensing.ConfirmAdvice{On: on, Advice: d.File(d.Officer, id).Case.Advice[0].ID})
		d.Do(d.Senior, licensing.Countersign{On: on, Agree: true})
		uitest.Post(t, d.site, d.issue(tab, senior, clock, "gateway"), senior).Redirects(tab)
		d.page(tab+"/replay", senior).HasText("#replay", "Same findings and outcome")
	})
}
