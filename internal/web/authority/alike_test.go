package authority_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/web/ui/uitest"
)

// alikeLines is the first worked case with its first line n times over.
func (d desk) alikeLines(n int) (string, assessment.Input) {
	d.T.Helper()
	in := nodetest.Example(d.T, "01")
	first := in.Lines[0]
	in.Answers, in.Lines = forLine(in.Answers, first.ID), nil
	for i := range n {
		l := first
		l.ID, l.PartNumber = fmt.Sprint(i+1), fmt.Sprintf("PN-%d", i+1)
		in.Lines = append(in.Lines, l)
	}
	return d.Submit(d.Application(in)), in
}

// Lines of which the same is known are assessed, advised on, recommended and
// decided in one act each, with nothing chosen ahead; one of them is taken out
// and answered by itself. Every line keeps an outcome of its own.
func TestAlikeLinesAreDecidedInOneAct(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		d := newDesk(t, app)
		id, in := d.alikeLines(6)
		d.Settle(id, in)
		officer, adviser, senior, tab := d.SignIn(d.Officer), d.SignIn(d.Adviser), d.SignIn(d.Senior), "/cases/"+id+"/decision"

		judge := d.page("/cases/"+id+"/assessment/severity?line=2", officer).NothingChosen("scale", "all", "also").Form("/cases/" + id + "/assessment/severity")
		for _, part := range []string{"scale", "scope", "irremediability"} {
			judge.Set(part, "5")
		}
		judge.Set("reason", "Whole crowds, for good.")
		judge.Set("all", "alike")
		uitest.Post(t, d.site, judge, officer).Redirects("/cases/" + id + "/assessment?line=2#severity")
		for line, s := range d.File(d.Officer, id).Assessment.Severity {
			if s.Severity.Scope != 5 {
				t.Errorf("line %s is judged %v", line, s.Severity)
			}
		}

		d.Complete(id, in, "1", "2", "3", "4", "5", "6")
		ask := d.page("/cases/"+id+"/advice/ask", officer).Form("/cases/" + id + "/advice/ask")
		ask.Values["departments"] = []string{"human_rights"}
		uitest.Post(t, d.site, ask, officer).Redirects("/cases/" + id + "/advice")
		give := d.page("/cases/"+id+"/advice/new", adviser).NothingChosen("line.alike-1").Form("/cases/" + id + "/advice/new")
		give.Set("department", "human_rights")
		give.Set("text", "None of the six.")
		give.Set("line.alike-1", "refuse")
		give.Set("line.alike-1.ground.1", "The unit has done so twice.")
		uitest.Post(t, d.site, give, adviser).Redirects("/cases/" + id + "/advice")
		if views := d.File(d.Officer, id).Case.Advice[0].Text.Views; len(views) != 6 || views[5].Line != "6" || views[5].Grounds[0].ID != views[0].Grounds[0].ID {
			t.Errorf("the advice is %+v", views)
		}

		// Ticked lines are asked about by themselves, and nothing typed is lost.
		rec := d.page(tab+"/recommend", officer).NothingChosen("outcome.alike-1", "grounds.alike-1").Form(tab + "/recommend")
		rec.Set("outcome.alike-1", "refuse")
		rec.Values["grounds.alike-1"] = []string{"CP2-a"}
		rec.Set("reasons", "As the sheet shows.")
		rec.Values["apart.alike-1"] = []string{"1"}
		silent := uitest.Post(t, d.site, rec, officer).Status(http.StatusUnprocessableEntity)
		silent.HasText(".govuk-error-summary a", "Choose an outcome.")
		rec.Set("part", "alike-1")
		parted := uitest.Post(t, d.site, rec, officer).Status(http.StatusOK)
		parted.NothingChosen("outcome.1")
		rec = parted.Form(tab + "/recommend")
		if rec.Get("outcome.alike-1") != "refuse" || rec.Get("reasons") != "As the sheet shows." || !slices.Equal(rec.Values["with.alike-1"], []string{"2", "3", "4", "5", "6"}) {
			t.Errorf("the form comes back with %v", rec.Values)
		}
		rec.Set("outcome.1", "refuse")
		rec.Values["grounds.1"] = []string{"COC-4a"}
		uitest.Post(t, d.site, rec, officer).Redirects(tab)
		for _, o := range d.File(d.Officer, id).Case.Proposal.Outcomes {
			ground := "CP2-a"
			if o.Line == "1" {
				ground = "COC-4a"
			}
			if o.Outcome != licensing.RefuseLine || !slices.Equal(o.Grounds, []string{ground}) {
				t.Errorf("recommended: %+v", o)
			}
		}
		sign := d.page(tab+"/countersign", senior).Form(tab + "/countersign")
		sign.Set("agree", "yes")
		uitest.Post(t, d.site, sign, senior).Redirects(tab)

		// The decision asks the same way; what was recommended chooses nothing.
		intend := d.page(tab+"/intend", senior).Form(tab + "/intend")
		intend.Values["lines"] = []string{"1", "2", "3", "4", "5", "6"}
		intend.Set("told.COC-4a", "The recipient poses an unacceptable risk.")
		intend.Set("told.CP2-a", "There is a clear risk of use for internal repression.")
		uitest.Post(t, d.site, intend, senior).Redirects(tab + "#intention")
		d.Do(d.Applicant, licensing.ApplicantReplies{On: licensing.On{Case: id}, Text: "Nothing to add."})
		d.Do(d.Officer, licensing.WeighReply{On: licensing.On{Case: id}, Text: "Nothing was added."})
		f := d.page(tab+"/decide", senior).NothingChosen("outcome.1", "outcome.alike-2").Form(tab + "/decide")
		f.Set("outcome.1", "refuse")
		f.Set("outcome.alike-2", "refuse")
		f.Set("reasons", "A clear risk.")
		f.Set("told.COC-4a", "The recipient poses an unacceptable risk.")
		f.Set("told.CP2-a", "There is a clear risk of use for internal repression.")
		f.Set("weighed.1.point", "Nothing to add.")
		f.Set("weighed.1.answer", "Nothing was added.")
		uitest.Post(t, d.site, f, senior).Redirects(tab)
		decided := d.File(d.Officer, id).Case.Decision
		if decided == nil || len(decided.Lines) != 6 || decided.Lines[0].Grounds[0] != "COC-4a" || decided.Lines[4].Outcome != licensing.RefuseLine {
			t.Errorf("decided: %+v", decided)
		}
	})
}
