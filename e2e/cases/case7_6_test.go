package cases

import (
	"slices"
	"strings"
	"testing"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/incidents"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node/nodetest"
)

// toTembuka is a newspaper's encryption for Tembuka, which is let go.
func (s *stage) toTembuka() string {
	s.T.Helper()
	in := nodetest.Example(s.T, "12")
	in.Destination, in.Title = "XT", "Encryption for a newspaper in Tembuka"
	in.Parties = slices.Clone(in.Parties)
	for i := range in.Parties {
		in.Parties[i].Country = "XT"
	}
	return s.assessed(in, nil)
}

// Water cannon and an irritant kit are asked for in one application, listed by
// two laws. Two ministries differ, a committee minutes its word with the dissent
// of one, within its time. While the vehicles wait for the answer to which unit
// gets them, a coup happens: every open case and live licence of the destination
// is listed, three licences are suspended in one act, and denial is presumed
// from that day on.
func TestCase7_6WaterCannonForAGendarmerie(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		var live []*licensing.Licence
		for range 3 {
			id := s.toTembuka()
			s.carry(id, "", map[string]licensing.Outcome{"1": licensing.Issue}, nil)
			live = append(live, s.licence(id))
		}
		open := s.toTembuka()

		in := nodetest.Example(t, "06")
		id := s.apply("individual", in, asWritten(in, map[string]string{"vehicles": "12", "kit": "12"}))
		s.Settle(id, in)
		items := s.page(s.Officer, "/cases/"+id+"/items")
		items.HasText("main", "0A977 (national list 2026)").HasText("main", "TORT-III-3 (Reg. (EU) 2019/125 Annex III)")
		s.committee(id)

		// The vehicles wait for the answer to which unit gets them.
		s.fill(s.Officer, "/cases/"+id, "/cases/"+id+"/questions", fields{"questions": "Which unit will get the vehicles, and by which rules does it use them?", "due": s.today().Add(60)})
		c := s.File(s.Officer, id).Case
		if !c.Clock.Stopped() || c.Clock.Stops[0].Why != "rfi/"+c.RFIs[0].ID {
			t.Fatalf("the clock does not stand for the request: %+v", c.Clock)
		}

		coup := s.coup(live, open, id)
		s.presumed(coup, open, live[0])

		// The request runs out; what was found is looked at again before anything is decided.
		rfi := s.File(s.Officer, id).Case.RFIs[0].ID
		request := "/cases/" + id + "/questions/" + rfi
		silence := fields{"close." + rfi: "No answer came in sixty days.", "finding": "unanswered"}
		s.refused(s.Officer, "/cases/"+id, request+"/close", silence).HasText(".govuk-error-summary", "The applicant has until")
		s.wait(59)
		s.fill(s.Officer, "/cases/"+id, request+"/close", silence)
		s.page(s.Officer, "/cases/"+id).HasText("#rfi .chip.needs", "not answered")
		s.page(s.Officer, "/cases/"+id+"/assessment").HasText("#unanswered li", "Which unit will get the vehicles")
		for _, h := range s.File(s.Officer, id).Assessment.Hits {
			if h.Open() {
				s.answers(id, h.ID, assessment.SameParty, "The unit that asked for the kit.")
			}
		}
		s.Complete(id, in, "vehicles", "kit")
		s.carry(id, "COC-4a", map[string]licensing.Outcome{"vehicles": licensing.RefuseLine, "kit": licensing.RefuseLine}, nil)
		s.page(s.Auditor, "/cases/"+id+"/decision").HasText("#decided", "refused").HasText("#committee q", "The vehicles keep order at football matches.")
	})
}

// committee has two ministries differ, and the question settled with minutes in
// which the dissent stands; nothing is decided meanwhile.
func (s *stage) committee(id string) {
	t := s.T
	t.Helper()
	tab := "/cases/" + id
	s.fill(s.Officer, tab+"/advice/ask", tab+"/advice/ask", fields{"departments": []string{"trade", "foreign"}})
	trade := s.person("trade", access.AdvisingMinistry)
	s.advice(id, trade, "trade", "The vehicles keep order at football matches.", map[string]licensing.AdviceKind{"vehicles": licensing.Approve, "kit": licensing.Approve})
	s.advice(id, s.Ministry, "foreign", "Elections in five months; people died at a rally.", map[string]licensing.AdviceKind{"vehicles": licensing.Refuse, "kit": licensing.Refuse})
	s.fill(trade, tab+"/decision/escalate", tab+"/decision/escalate", fields{"question": "Trade would approve, foreign affairs would refuse."})
	x := s.File(s.Officer, id).Case.BeforeCommittee()
	s.page(s.Officer, tab+"/decision").HasText("#committee", "Trade would approve")
	if x == nil || x.Due.Format("2006-01-02") != "2026-11-23" { // ten working days
		t.Fatalf("the committee's clock: %+v", x)
	}
	s.page(s.Senior, "/work")
	no := s.refused(s.Senior, tab+"/decision/minute", tab+"/decision/minute", fields{
		"outcome.vehicles": "refuse", "outcome.kit": "refuse", "member.1": "Foreign ministry", "member.1.vote": "for", "member.2": "Trade ministry", "member.2.vote": "against", "text": "Not as long as nobody says which unit gets them.",
	})
	no.HasText(".govuk-error-summary a", "Who votes against says why")
	s.wait(9)
	s.fill(s.Senior, tab+"/decision/minute", tab+"/decision/minute", fields{
		"outcome.vehicles": "refuse", "outcome.kit": "refuse", "member.1": "Foreign ministry", "member.1.vote": "for", "member.2": "Trade ministry", "member.2.vote": "against",
		"member.2.dissent": "The vehicles keep order at football matches.", "text": "The kit not at all; the vehicles not as long as nobody says which unit gets them.",
	})
	s.page(s.Auditor, tab+"/decision").HasText("#committee li", "against The vehicles").HasText("#committee q", "The vehicles keep order at football matches.").HasText("#committee", "The kit not at all")
	if x := s.File(s.Officer, id).Case.Escalations[0]; x.Late || x.Votes[licensing.VoteAgainst] != 1 || x.Minuted.IsZero() {
		t.Errorf("the minutes: late %v, %v", x.Late, x.Votes)
	}
}

// coup opens an incident about the destination, which lists what it touches, and
// suspends three licences in one act that presumes denial from today.
func (s *stage) coup(live []*licensing.Licence, cases ...string) string {
	s.T.Helper()
	in := fields{
		"open.kind": "coup", "open.title": "Coup in Tembuka", "open.what": "The army has taken over; the gendarmerie is under its command.", "open.urgency": "days", "open.state_can": "Suspend what has not left.",
		"open.origin": "own", "open.destination": "XT", "open.received": s.today(),
	}
	for _, g := range incidents.Groups {
		in["open.group."+g] = "unknown"
	}
	page := s.fill(s.Officer, "/incidents/new", "/incidents/open", in)
	touched := s.page(s.Officer, page)
	act := fields{"propose.presume": []string{"XT"}, "propose.from": s.today(), "propose.ground": "new_facts", "propose.duties": []string{"stop"}, "propose.why": "Who commands the users is not known.", "propose.told": "Deliveries to Tembuka have to stop until we write again."}
	for _, l := range live {
		touched.HasText("#touched th", l.Reference)
		act["propose.licence."+l.ID] = "suspend"
	}
	for _, id := range cases {
		touched.HasText("#touched th", s.File(s.Officer, id).Case.Reference)
	}
	s.fill(s.Officer, page, page+"/propose", act)
	s.fill(s.Senior, page, page+"/confirm", nil)
	s.settle()
	s.wait(2)
	for _, l := range live {
		if now := s.Issued(l.ID).Now(); now != licensing.Suspended {
			s.T.Errorf("%s is %s", l.Reference, now)
		}
	}
	s.page(s.Auditor, page).HasText("#acts", "took effect").HasText("#about dd", "denial is presumed from")
	return page
}

// presumed tells that a case for the destination can't be let go any more, and
// that licensees are told what to do.
func (s *stage) presumed(incident, open string, l *licensing.Licence) {
	s.T.Helper()
	s.page(s.Applicant, "/exporter/licences/"+l.ID).HasText("#told", "Deliveries to Tembuka have to stop").LacksText(strings.TrimPrefix(incident, "/incidents/"))
	tab := "/cases/" + open + "/decision"
	s.recommend(open, map[string]licensing.Outcome{"1": licensing.Issue}, "", nil)
	no := s.refused(s.Senior, tab+"/decide", tab+"/decide", fields{"outcome.1": "issue", "reasons": "As before.", "from": s.today(), "until": s.today().Add(300)})
	no.HasText(".govuk-error-summary a", "presumed")
}
