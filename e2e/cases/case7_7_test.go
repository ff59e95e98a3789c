package cases

import (
	"slices"
	"strings"
	"testing"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node/nodetest"
)

// Software and the training in it are refused: a partner's denial, imported as a
// file, is of the same user. What the same firm tells a response team about a
// hole needs no licence, in a case of its own. A broker who later asks for the
// same user, under another name for the item, meets the refusal.
func TestCase7_7IntrusionSoftware(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		in := nodetest.Example(t, "07")
		suite := in
		suite.Lines, suite.Parties = in.Lines[:2], slices.Clone(in.Parties[:2])
		suite.Parties[1].Owners = []string{"Belmar Holding SAL"}
		id := s.assessed(suite, map[string]string{"suite": "1", "training": "20"}, "suite", "training")
		items := s.page(s.Officer, "/cases/"+id+"/items")
		items.HasText("dd", "software").HasText("dd", "service").HasText("main", "4D004").HasText("main", "4E001.c")
		parties := s.page(s.Officer, "/cases/"+id+"/parties")
		parties.HasText("#party-justice", "Министерство юстиции Карсовии, Центр информационных систем").HasText("#party-reseller li", "Belmar Holding SAL")
		both := map[string]licensing.Outcome{"suite": licensing.RefuseLine, "training": licensing.RefuseLine}
		s.carry(id, "COC-4a", both, nil)
		ref := s.File(s.Officer, id).Case.Reference
		s.page(s.Applicant, "/exporter/cases/"+id).HasText("#decision", "refused").LacksText("ALVANIA")

		s.disclosure(in)
		s.broker(suite, ref)
	})
}

// disclosure is a report on a hole to those who co-ordinate its repair.
func (s *stage) disclosure(in assessment.Input) {
	s.T.Helper()
	in.Title, in.Lines, in.Parties, in.Destination = "A hole in a mail server", in.Lines[2:], slices.Clone(in.Parties[2:]), "XW"
	in.Parties[0].Roles = []string{"end_user"}
	in.Hits, in.Assurances, in.Kind = nil, nil, "source_code"
	in.Answers = slices.DeleteFunc(slices.Clone(in.Answers), func(a assessment.Answer) bool { return a.Party != "" || a.Fact == "case.denial_consulted" })
	id := s.assessed(in, nil)
	s.carry(id, "", map[string]licensing.Outcome{"disclosure": licensing.LineNotNeeded}, nil)
	s.page(s.Auditor, "/cases/"+id+"/items").HasText("dd", "technology")
	s.page(s.Applicant, "/exporter/cases/"+id).HasText("#decision", "no licence")
	if c := s.File(s.Officer, id).Case; c.Decision.Licence != "" || c.Decision.Outcome != licensing.OutcomeNone {
		s.T.Errorf("it ended as %s", c.Decision.Outcome)
	}
}

// broker asks for the same user from another exporter.
func (s *stage) broker(in assessment.Input, ref string) {
	s.T.Helper()
	firm := nodetest.Org(s.T, s.App, account.Exporter, "Fjord Brokers")
	other := s.beside(firm, nodetest.Person(s.T, s.App, firm, "rolf", access.ExporterUser))
	in.Title, in.Lines, in.Parties, in.Kind = "Audit tools", slices.Clone(in.Lines[:1]), in.Parties[:1], "brokering"
	in.Lines[0].Description = "Remote testing tools for the audit of networks"
	id := other.apply("brokering", in, asWritten(in, nil))
	s.classify(id, in)
	s.resolve(id, in)
	sheet := s.page(s.Officer, "/cases/"+id+"/decision").HasText("#earlier tr", ref).HasText("#earlier td", "refused")
	if why := strings.Join(sheet.Texts("#earlier td"), "\n"); !strings.Contains(why, "end user of the same name") || !strings.Contains(why, "4D004") {
		s.T.Errorf("the tie is %s", why)
	}
	s.page(other.Applicant, "/exporter/cases/"+id).LacksText(ref)
}
