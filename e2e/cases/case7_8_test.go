package cases

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
)

// shipment is a message of customs: so many of a line left, each with its serial
// number.
func (s *stage) shipment(l *licensing.Licence, number int64, line string, quantity int) licensing.CustomsMessage {
	var serials []string
	for n := range quantity {
		serials = append(serials, fmt.Sprintf("%s-%d-%03d", line, number, n+1))
	}
	m := licensing.CustomsMessage{
		Sender: "xn-customs", Number: number, Kind: licensing.UsageMessage, Licence: l.Reference, Declaration: fmt.Sprintf("26XN%06d", number), Office: "XN000100", Document: "X060", At: s.App.Now(),
	}
	for _, x := range l.Lines {
		if x.Line == line {
			m.Lines = []licensing.MessageLine{{Line: line, Quantity: fmt.Sprint(quantity), Unit: x.Unit, Serials: serials}}
		}
	}
	return m
}

// sends hands a message over, and says what came of it.
func (s *stage) sends(m licensing.CustomsMessage) (a licensing.MessageAnswer) {
	if err := s.App.Do(s.T.Context(), s.Customs, node.TakeMessage{CustomsMessage: m}, node.Into(&a)); err != nil {
		s.T.Error(err)
	}
	return a
}

// A global licence is asked for and an individual one granted: named sites,
// serial numbers, no transfer to the military, a monitor with access, a yearly
// report. Shipments come at once, twice and late and never overdraw it; a tenth
// of the units is drawn before anybody goes; a hundred more are asked for, in
// two versions, the second while a request for information is open.
func TestCase7_8ThermalCamerasForABorderGuard(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		in := nodetest.Example(t, "08")
		id := s.assessed(in, map[string]string{"cores": "250", "systems": "40"})
		tab := "/cases/" + id + "/decision"
		s.page(s.Officer, tab+"/recommend").NothingChosen("grant", "outcome.cores").HasText("label", "Individual licence")
		s.carry(id, "", map[string]licensing.Outcome{"cores": licensing.Issue, "systems": licensing.Issue}, fields{
			"grant": "individual", "conditions": []string{"named-sites", "individual-licence", "independent-oversight", "serial-tracking", "no-military"},
			"own.1.type": "consent_to_verification", "own.1.what": "A tenth of the units is counted on site each year.", "own.1.verify": "Count by serial number", "own.1.consequence": "Suspension",
		})
		l := s.licence(id)
		if l.Kind != "individual" {
			t.Fatalf("the licence is a %s one", l.Kind)
		}
		s.page(s.Auditor, tab).HasText("#decided", "Issued as: Individual licence. Applied for: Global licence.")
		conditions := s.page(s.Officer, "/licences/"+l.ID)
		for _, c := range []string{"named sites; a list with co-ordinates", "No transfer to military", "independent of the end user has access", "tracked by its serial number", "A tenth of the units", "A return of every delivery"} {
			conditions.HasText("#conditions li", c)
		}
		letter := s.page(s.Applicant, s.page(s.Applicant, "/exporter/cases/"+id).Link("Licence"))
		letter.HasText("main", "Individual licence").LacksText("Global licence")

		s.drawsDown(l)
		s.countsATenth(l)
		s.asksForMore(in.Lines[0].ID)
	})
}

// drawsDown has seven shipments of cores leave, some at once, one message lost and
// sent again later, one sent twice.
func (s *stage) drawsDown(l *licensing.Licence) {
	t := s.T
	t.Helper()
	var wait sync.WaitGroup
	answers := make([]licensing.MessageAnswer, 8)
	for _, n := range []int64{1, 2, 3, 5, 6} { // the fourth is lost on its way
		wait.Go(func() { answers[n] = s.sends(s.shipment(l, n, "cores", 36)) })
	}
	wait.Wait()
	for _, n := range []int64{1, 2, 3, 5, 6} {
		if answers[n].Outcome != licensing.MessageAccepted {
			t.Errorf("shipment %d: %s %s", n, answers[n].Outcome, answers[n].Why)
		}
	}
	if left := s.Issued(l.ID).Left("cores"); left != 70_000 {
		t.Errorf("%s left after five shipments", left)
	}
	late := s.shipment(l, 4, "cores", 36)
	if a := s.sends(late); a.Outcome != licensing.MessageAccepted {
		t.Errorf("the lost one: %s %s", a.Outcome, a.Why)
	}
	if a := s.sends(late); !a.Repeated || s.Issued(l.ID).Left("cores") != 34_000 {
		t.Errorf("sent twice it is counted twice: %+v, %s left", a, s.Issued(l.ID).Left("cores"))
	}
	if a := s.sends(s.shipment(l, 7, "cores", 36)); a.Outcome != licensing.MessageRefused || s.Issued(l.ID).Left("cores") != 34_000 {
		t.Errorf("more than is left: %s, %s left", a.Outcome, s.Issued(l.ID).Left("cores"))
	}
	if a := s.sends(s.shipment(l, 8, "cores", 34)); a.Outcome != licensing.MessageAccepted || s.Issued(l.ID).Left("cores") != 0 {
		t.Errorf("the seventh: %s %s", a.Outcome, a.Why)
	}
	s.page(s.Officer, "/licences/"+l.ID).HasText("main", "250")
}

// countsATenth has a tenth of the units drawn, on record before anybody goes,
// and found on site.
func (s *stage) countsATenth(l *licensing.Licence) {
	s.T.Helper()
	if a := s.sends(s.shipment(l, 9, "systems", 40)); a.Outcome != licensing.MessageAccepted {
		s.T.Fatalf("the systems: %s %s", a.Outcome, a.Why)
	}
	check := s.fill(s.Verifier, "/verification/checks/new?licence="+l.ID, "/verification/checks/prepare", fields{
		"prepare.reason": "condition", "prepare.why": "The licence asks for a tenth each year.", "prepare.checklist": "serials", "prepare.place": "Northern sector",
		"prepare.officer": s.Verifier.Account, "prepare.sample": "29", "prepare.due": s.today().Add(30),
	})
	planned := s.page(s.Auditor, check).HasText("#task dd", "29 to be found, of 290 that left").Count("form[action="+check+"/look]", 0)
	var drawn string // the numbers, in the words of the plan
	for _, text := range planned.Texts("#task dd") {
		if strings.Contains(text, "cores-1-") || strings.Contains(text, "systems-9-") {
			drawn = text
		}
	}
	s.fill(s.Verifier, check, check+"/consent", fields{"consent.answer": "given", "consent.said": "Clause 4 of the certificate", "consent.day": s.today()})
	s.fill(s.Verifier, check, check+"/look", fields{"look.answer.seal": "yes", "look.answer.place": "yes", "look.answer.spare": "yes", "look.serials": drawn})
	s.fill(s.Verifier, check, check+"/conclude", fields{"conclude.result": "favourable", "conclude.why": "Each stands where the list has it."})
	s.page(s.Auditor, check).HasText("#finding dd", "29 of 29 found")
}

// asksForMore has the exporter apply for a hundred more in the fifth month, and
// change what it asks while it is asked something: both versions stay, and the
// clock stands until the request is answered.
func (s *stage) asksForMore(line string) {
	t := s.T
	t.Helper()
	s.wait(150)
	in := nodetest.Example(t, "08")
	in.Title, in.Lines = "A hundred more cores for the Border Guard of Ostria", in.Lines[:1]
	id := s.apply("individual", in, asWritten(in, map[string]string{line: "60"}))
	home := "/exporter/cases/" + id
	s.fill(s.Officer, "/cases/"+id, "/cases/"+id+"/questions", fields{"questions": "At which sites will they stand?"})
	amend := s.fill(s.Applicant, home, home+"/amend", nil)
	s.fill(s.Applicant, amend+"/items/"+line+"/amount", amend+"/items/"+line+"/amount", fields{"quantity": "100"})
	s.fill(s.Applicant, amend+"/declaration", amend+"/declaration", fields{"accepted": "yes", "name": "Ada Quill", "why": "The Guard asks for a hundred."})
	s.page(s.Applicant, home).Count("#versions tbody tr", 2).HasText("#versions td", "The Guard asks for a hundred.")
	s.page(s.Applicant, home+"/versions/1").HasText("main", "Quantity 60")
	s.page(s.Applicant, home+"/versions/2").HasText("main", "Quantity 100")
	c := s.File(s.Officer, id).Case
	if c.OpenRFIs() != 1 || !c.Clock.Stopped() || len(c.Versions) != 2 {
		t.Fatalf("%d open requests, clock stopped %v, %d versions", c.OpenRFIs(), c.Clock.Stopped(), len(c.Versions))
	}
	ask := home + "/requests/" + c.RFIs[0].ID
	s.fill(s.Applicant, ask, ask, fields{"answer.q1": "At the twelve posts of the list.", "how": "answer"})
	if c = s.File(s.Officer, id).Case; c.OpenRFIs() != 0 || !c.Clock.Running() {
		t.Error("the clock does not run again")
	}

	// A hundred, as the second version asks, are decided by two people as the first
	// were; two shipments at once that both need what is left do not both leave.
	s.settle()
	s.Settle(id, in)
	s.Complete(id, in)
	s.carry(id, "", map[string]licensing.Outcome{line: licensing.Issue}, fields{"conditions": []string{"named-sites", "serial-tracking", "no-military"}})
	more := s.licence(id)
	if d := s.File(s.Officer, id).Case.Decision; more.Lines[0].Quantity != 100_000 || d.Recommender == d.Person || d.Basis == 0 {
		t.Fatalf("%s granted by %s and %s", more.Lines[0].Quantity, d.Recommender, d.Person)
	}
	var wait sync.WaitGroup
	answers := make([]licensing.MessageAnswer, 2)
	for i := range answers {
		wait.Go(func() { answers[i] = s.sends(s.shipment(more, int64(20+i), line, 60)) })
	}
	wait.Wait()
	if answers[0].Outcome == answers[1].Outcome || s.Issued(more.ID).Left(line) != 40_000 {
		t.Errorf("two shipments of 60: %s and %s, %s left", answers[0].Outcome, answers[1].Outcome, s.Issued(more.ID).Left(line))
	}
}
