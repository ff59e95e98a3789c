package cases

import (
	"strings"
	"testing"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node/nodetest"
)

// Case 7.2: one application, three lines. The gateway and its updates are
// licensed under conditions with days, the analytics module is refused; a quarter's
// log is missing, and the updates stop.
func TestCase7_2LawfulInterceptionMediation(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		in := mediation(t)
		id := s.apply("individual", in, nil)
		s.classify(id, in)
		s.resolve(id, in)
		s.assess(id, in)
		s.assure(id, "service", "audit of the log each quarter, count of serial numbers", "gateway", "updates")
		s.view(id, assessment.Possible, "5", "The analytics module searches everybody, not those named in a warrant.", "analytics")
		s.conclude(id)
		s.advise(id, "The gateway can be bound to warrants and shows what it did. The module cannot.", map[string]licensing.AdviceKind{
			"gateway": licensing.ApproveWithCondition, "updates": licensing.ApproveWithCondition, "analytics": licensing.Refuse,
		})

		// The decision is split by line, and each condition can be tested.
		split := map[string]licensing.Outcome{"gateway": licensing.Issue, "updates": licensing.Issue, "analytics": licensing.RefuseLine}
		s.recommend(id, split, "COC-R", fields{
			"own.1.type": "quantity", "own.1.what": "Capacity of at most 500 simultaneous targets.", "own.1.number": "500", "own.1.unit": "targets", "own.1.lines": []string{"gateway"},
			"own.1.verify": "Licence key and audit of the log", "own.1.consequence": "Suspension of updates",
			"own.2.type": "retention", "own.2.what": "The audit log is kept for three years.", "own.2.number": "1095", "own.2.lines": []string{"gateway"}, "own.2.who": "operator",
			"own.2.verify": "Log audit by video and on site", "own.2.consequence": "Suspension of updates",
			"own.3.type": "reports", "own.3.what": "A summary of the log goes to the authority each quarter.", "own.3.every": "90", "own.3.lines": []string{"gateway"},
			"own.3.verify": "Comparison with the log", "own.3.consequence": "Reminder, then suspension of updates",
			"conditions": []string{"warrant-id"},
		})
		const told = "The module searches the communications of people who are named in no warrant."
		s.intend(id, "COC-R", told, "analytics")
		s.wait(40)
		s.decide(id, split, fields{"told.COC-R": told})
		l := s.licence(id)
		if len(l.Lines) != 2 || len(l.Conditions) != 4 || l.Now() != licensing.Valid {
			t.Fatalf("licensed are %d lines under %d conditions", len(l.Lines), len(l.Conditions))
		}
		s.page(s.Applicant, "/exporter/cases/"+id).HasText("main", "a licence is issued for some items, others are refused").HasText("main", "Capacity of at most 500 simultaneous targets.")
		s.quarters(t, l)
		s.visit(t, l)
	})
}

// quarters: the licensee reports on the log each quarter; the updates it installs
// are drawn from the licence. The third report is late, and everybody sees it.
func (s *stage) quarters(t *testing.T, l *licensing.Licence) {
	t.Helper()
	held, duty := "/exporter/licences/"+l.ID, "/licences/"+l.ID+"/duties/own-3"
	for quarter := 1; quarter <= 2; quarter++ {
		due := l.From.Add(90 * quarter)
		if d, open := s.Issued(l.ID).Open(s.Issued(l.ID).Condition("own-3")); !open || d.Number != quarter || d.Due != due {
			t.Errorf("quarter %d: %+v is due, want %s", quarter, d, due)
		}
		s.wait(85)
		s.fill(s.Applicant, held+"/duties/own-3", held+"/duties/own-3", fields{"text": "Eighty warrants, eighty-four targets, no refusal of the field."})
		s.page(s.Officer, "/licences/duties").HasText("tbody th", l.Reference)
		s.fill(s.Verifier, duty, duty+"/review", fields{"result": "kept", "review_why": "Agrees with the register of warrants."})
		s.fill(s.Applicant, held+"/use", held+"/use", fields{"day": s.today(), "quantity.1": "1", "note": "Update 4." + string(rune('0'+quarter))})
	}
	s.page(s.Applicant, held).HasText("#duties td", "looked at: in order")
	s.wait(110)
	s.page(s.Applicant, held).HasText("#duties td", "late")
	s.page(s.Officer, "/licences/duties?show=overdue").HasText("tbody th", l.Reference).HasText("tbody td", "late")
}

// visit: in the tenth month the log is looked at by video and on site. Two weeks
// are missing: the finding is unsatisfactory, the licensee is asked, and the
// updates stop while the gateway's line stands.
func (s *stage) visit(t *testing.T, l *licensing.Licence) {
	t.Helper()
	check := s.prepares(l, fields{"reason": "condition", "why": "The third summary of the log is late.", "checklist": "log", "place": "Exchange of BelmarTel, by video, then on site"})
	s.fill(s.Verifier, check, check+"/consent", fields{"consent.answer": "given", "consent.said": "Clause 4 of the certificate.", "consent.day": s.today()})
	s.fill(s.Verifier, check, check+"/arrange", fields{"arrange.where": "Exchange, room of the audit log", "arrange.day": s.today().Add(5)})
	s.wait(5)
	s.fill(s.Verifier, check, check+"/look", fields{"look.answer.whole": "no", "look.note.whole": "1 to 14 August are missing.", "look.answer.mandate": "yes", "look.answer.bounds": "yes", "look.answer.bulk": "not_seen"})
	s.fill(s.Verifier, check, check+"/conclude", fields{"conclude.result": "unsatisfactory", "conclude.why": "Two weeks of the log are missing.", "conclude.conditions": []string{"own-2"}})
	s.page(s.Officer, "/licences/"+l.ID).HasText("#checks li", "Unsatisfactory").HasText("#conditions", "found broken: 1")

	keeper := s.admitted("keeper", access.EnforcementOfficer)
	matter := s.fill(keeper, "/enforcement/new", "/enforcement/begin", fields{
		"begin.kind": "breach", "begin.org": "Norland Radio Systems", "begin.title": "Log of the gateway in Belmar", "begin.what": "Two weeks of the audit log are missing.", "begin.cited": l.Reference,
	})
	s.fill(keeper, matter, matter+"/question", fields{"question.text": "Why does the log lack 1 to 14 August?", "question.due": s.today().Add(10)})
	own := "/exporter" + strings.Replace(matter, "/enforcement/", "/matters/", 1)
	asked := s.page(s.Applicant, own).HasText("h2", "The authority asks")
	f := asked.Form(own + "/reply")
	s.fill(s.Applicant, own, own+"/reply", fields{"text" + f.Get("question"): "The operator restored it from a copy; two weeks are lost."})
	s.page(keeper, matter).HasText("p", "two weeks are lost")

	stop := "/licences/" + l.ID + "/suspend"
	s.fill(s.Senior, stop, stop, fields{"lines": []string{"updates"}, "ground": "condition", "why": "No updates until the log is whole again."})
	now := s.Issued(l.ID)
	if now.SuspendedLine("gateway") || !now.SuspendedLine("updates") || now.Now() != licensing.Restricted {
		t.Errorf("the gateway suspended: %v, the updates: %v; the licence is %s", now.SuspendedLine("gateway"), now.SuspendedLine("updates"), now.Now())
	}
	held := "/exporter/licences/" + l.ID
	s.refused(s.Applicant, held+"/use", held+"/use", fields{"day": s.today(), "quantity.1": "1", "note": "Update 4.3"})
	s.fill(s.Applicant, held+"/use", held+"/use", fields{"day": s.today(), "quantity.0": "1", "declaration": "26XN000077"})
	s.page(s.Applicant, held).LacksText("No updates until the log is whole again.")
}

// mediation is the worked case with the updates and the help from afar that the
// gateway needs each year.
func mediation(t *testing.T) assessment.Input {
	t.Helper()
	in := nodetest.Example(t, "02")
	updates := in.Lines[0]
	updates.ID, updates.Kind, updates.Service, updates.Description = "updates", "service", "remote_support", "Yearly updates of the gateway and help from afar"
	in.Lines = append(in.Lines, updates)
	for _, a := range in.Answers {
		if a.Line == "gateway" {
			a.Line = "updates"
			in.Answers = append(in.Answers, a)
		}
	}
	return in
}
