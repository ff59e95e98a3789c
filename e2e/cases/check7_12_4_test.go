package cases

import (
	"maps"
	"slices"
	"testing"

	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node/nodetest"
)

// Check 7.12 (4): who would grant what another state refused to the same user is
// held until that state was consulted; the reasons stand in the decision.
func TestCheck7_12_4AnUndercutLeavesAConsultation(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		s.receives("xa-denials", "Alvania", alvaniaTold)
		in := nodetest.Example(t, "01")
		id := s.apply("individual", in, nil)
		s.classify(id, in)
		s.answers(id, s.match(id, "xa:2024-17").ID, assessment.SameParty, "The same unit, by its address.")
		s.resolve(id, in)
		in.Answers = slices.DeleteFunc(in.Answers, func(a assessment.Answer) bool { return a.Fact == "case.denial_consulted" })
		s.assess(id, in)
		s.view(id, assessment.Likely, "5", "Whole crowds can be identified.")
		s.conclude(id)
		issue, approve := map[string]licensing.Outcome{}, map[string]licensing.AdviceKind{}
		for _, l := range in.Lines {
			issue[l.ID], approve[l.ID] = licensing.Issue, licensing.Approve
		}
		s.advise(id, "It can be let go.", approve)
		s.recommend(id, issue, "", nil)

		const blocks = "Consult that state from the page of the parties"
		tab, words := "/cases/"+id+"/decision/decide", fields{"reasons": "As recommended.", "from": s.today(), "until": s.today().Add(730)}
		for _, l := range in.Lines {
			words["outcome."+l.ID] = string(licensing.Issue)
		}
		s.refused(s.Senior, tab, tab, maps.Clone(words)).HasText(".govuk-error-summary", blocks)
		s.fill(s.Officer, s.page(s.Officer, "/cases/"+id+"/parties").Link("Consult the state that refused"), "/questions/new", fields{
			"whom": "Ministry of Trade of Alvania", "text": "You refused two tactical locators. Do the grounds stand?", "marking": "amber",
		})
		s.refused(s.Senior, tab, tab, words).LacksText(blocks)
	})
}
