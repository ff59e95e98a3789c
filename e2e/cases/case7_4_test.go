package cases

import (
	"strings"
	"testing"

	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/web/ui/uitest"
)

// Case 7.4: a safe city is asked for as a whole. It is on no list of Norland's,
// and Westmark's published entry is relied on. The airport is licensed as a first
// stage, the streets are refused; what runs there is compared with what was
// licensed after 6 and 18 months.
func TestCase7_4FaceRecognitionForACityPolice(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		in := nodetest.Example(t, "04")
		id := s.apply("individual", in, nil)
		s.classify(id, in)
		s.resolve(id, in)
		s.assess(id, in)

		// The other state's entry is cited with its version, wherever it counts.
		const cited = "Westmark's national list, entry 4W901, version 2026-02-01"
		s.page(s.Officer, "/cases/"+id+"/assessment?line=airport").HasText("main", cited)
		s.page(s.Officer, "/cases/"+id+"/items").HasText("main", "Westmark's published national entry of 2026-02-01 is relied on")

		s.assure(id, "police", "visits at 6 and 18 months with the hash of the configuration", "airport")
		s.view(id, assessment.Likely, "4", "In the streets everybody is searched; the police is exempt from data protection.", "city")
		s.conclude(id)
		s.advise(id, "The airport can be watched over; the streets can't.", map[string]licensing.AdviceKind{"airport": licensing.ApproveWithCondition, "city": licensing.Refuse})
		first := map[string]licensing.Outcome{"airport": licensing.Issue, "city": licensing.RefuseLine}
		s.recommend(id, first, "COC-R", fields{
			"conditions": []string{"first-phase", "retention-30"},
			"own.1.type": "modules_disabled", "own.1.what": "No module for emotion or ethnicity; the build identifier is checked.", "own.1.lines": []string{"airport"}, "own.1.verify": "Hash of the installed configuration", "own.1.consequence": "Suspension",
			"own.2.type": "other", "own.2.what": "An independent impact assessment before activation.", "own.2.lines": []string{"airport"}, "own.2.until": s.today().Add(120), "own.2.verify": "The assessment itself", "own.2.consequence": "No activation",
			"own.3.type": "consent_to_verification", "own.3.what": "Visits at 6 and at 18 months.", "own.3.lines": []string{"airport"}, "own.3.verify": "Visit with a reading of the configuration", "own.3.consequence": "Revocation",
		})
		const told = "In the streets the system would reach everybody, and nobody independent looks after it."
		s.intend(id, "COC-R", told, "city")
		s.wait(40)
		s.decide(id, first, fields{"told.COC-R": told})
		l := s.licence(id)
		if len(l.Lines) != 1 || l.Lines[0].Line != "airport" {
			t.Fatalf("licensed is %+v", l.Lines)
		}
		s.page(s.Applicant, "/exporter/cases/"+id).HasText("main", "Only a first phase; the next needs a new decision after verification.")
		s.page(s.Auditor, "/cases/"+id+"/decision/replay").HasText("#replay", "Same findings and outcome")

		// Both visits are planned from the start, and wait on the work list in their
		// time. What runs at the airport is what was licensed; a year later it is not.
		s.wait(1)
		s.leaves(l, 1, "airport", "1")
		build := strings.Repeat("ab", 32)
		task := fields{"reason": "condition", "why": "The licence asks for visits at 6 and 18 months.", "checklist": "configuration", "place": "Airport of Ostria", "hash": build}
		task["due"] = l.From.AddMonths(6)
		half := s.prepares(l, task)
		task["due"] = l.From.AddMonths(18)
		later := s.prepares(l, task)
		s.wait(175)
		s.page(s.Verifier, "/work").HasText("a", "Check XN-V-2026-0001").LacksText("XN-V-2026-0002")
		s.reads(half, build, "yes", "favourable").HasText("#finding", "The same as expected")
		s.wait(365)
		s.page(s.Verifier, "/work").HasText("a", "Check XN-V-2026-0002")
		s.reads(later, strings.Repeat("cd", 32), "no", "unsatisfactory").HasText("#finding", "Another than expected")
		s.page(s.Officer, "/licences/"+l.ID).HasText("#conditions", "found broken: 1")
	})
}

// reads looks at the configuration of what is installed, and concludes.
func (s *stage) reads(check, hash, disabled, result string) *uitest.Answer {
	s.T.Helper()
	s.fill(s.Verifier, check, check+"/consent", fields{"consent.answer": "given", "consent.said": "Clause 3.", "consent.day": s.today()})
	s.fill(s.Verifier, check, check+"/look", fields{"look.answer.read": "yes", "look.answer.disabled": disabled, "look.answer.update": "yes", "look.hash": hash})
	in := fields{"conclude.result": result, "conclude.why": "The configuration was read from the running system."}
	if result != "favourable" {
		s.refused(s.Verifier, check, check+"/conclude", fields{"conclude.result": "favourable", "conclude.why": "All is well."}).HasText(".govuk-error-summary", "configuration")
		in["conclude.conditions"] = []string{"own-1"}
	}
	s.fill(s.Verifier, check, check+"/conclude", in)
	return s.page(s.Verifier, check)
}
