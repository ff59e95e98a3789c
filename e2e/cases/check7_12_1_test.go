package cases

import (
	"strings"
	"testing"

	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node/nodetest"
)

// Check 7.12 (1): every decision can be replayed. It says on which rules, lists,
// indicators and facts it rests, by hash, and who had a hand in it; its documents
// are named by theirs; and after the lists have changed the recorded facts under
// the recorded rules still come to the same.
func TestCheck7_12_1EveryDecisionCanBeReplayed(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		const why = "There is a clear risk."
		type outcomes = map[string]licensing.Outcome
		decided := map[string]string{}
		for _, c := range []struct {
			number, ground string
			outcomes       outcomes
			refuse         []string
		}{
			{"12", "", nil, nil},
			{"01", "CP2-a", outcomes{"1": licensing.RefuseLine, "2": licensing.RefuseLine, "3": licensing.RefuseLine}, []string{"1", "2", "3"}},
		} {
			in := nodetest.Example(t, c.number)
			if c.outcomes == nil {
				c.outcomes = outcomes{in.Lines[0].ID: licensing.Issue}
			}
			id := s.assessed(in, nil, c.refuse...)
			s.recommend(id, c.outcomes, c.ground, nil)
			if len(c.refuse) > 0 {
				s.intend(id, c.ground, why, c.refuse...)
				s.wait(40)
				s.decide(id, c.outcomes, fields{"told." + c.ground: why})
			} else {
				s.decide(id, c.outcomes, nil)
			}
			decided[id] = c.number
		}
		s.receives("xa-denials", "Alvania", alvaniaTold)
		s.wait(1)
		for id, number := range decided {
			x := s.File(s.Auditor, id).Case.Decision
			for what, hash := range map[string]string{"rules": x.Rests.PolicyPack, "control lists": x.Rests.ControlList, "indicators": x.Rests.Indicators, "facts": x.Rests.Facts, "document": x.Rests.Document} {
				if hash == "" {
					t.Errorf("%s: the %s are not named", number, what)
				}
			}
			if x.Person != s.Senior.Account || x.Recommender != s.Officer.Account || x.Countersigner == "" || len(x.Rests.WatchLists) == 0 || strings.Contains(strings.Join(x.Rests.WatchLists, " "), "xa-denials") {
				t.Errorf("%s: decided by %q on the word of %q, on %v", number, x.Person, x.Recommender, x.Rests.WatchLists)
			}
			for _, d := range s.File(s.Auditor, id).Case.App().Documents {
				if len(d.Hash) < 32 {
					t.Errorf("%s: %s has the hash %q", number, d.Title, d.Hash)
				}
			}
			tab := "/cases/" + id + "/decision"
			s.page(s.Auditor, tab).HasText("#rests", "Document of facts")
			s.page(s.Auditor, tab+"/replay").HasText("#replay", "Same findings and outcome")
			s.gone(s.Applicant, tab+"/replay")
		}
	})
}
