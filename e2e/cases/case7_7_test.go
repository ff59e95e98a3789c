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
	"github.com/comity-project/comity/internal/web/ui/uitest"
)

// toldBefore is a denial that a partner told of the same user, of an item under
// the name that its own exporter gave it.
func toldBefore(state, name, item, kind string) string {
	return `schema: comity.parties/v1
list: ` + state + `-DENIALS
title: Refusals
published: '2026-11-01'
parties:
  - id: '` + strings.ToLower(state) + `:2025-1'
    type: organisation
    names: [{text: "` + name + `", kind: primary}]
    countries: [XR]
    program: Refused end user
    listed: '2025-05-06'
    refused: [` + kind + `]
    remarks: '` + item + `'
`
}

// partnersRefused are three denials with three names for the item, one of the same
// user for another kind, and one of somebody else with that name.
var partnersRefused = []struct {
	state, name, item, kind string
	outcome                 assessment.Same
	alike                   bool
}{
	{"XA", "Ministry of Justice of Karsovia", "Lawful remote access suite", "intrusion", assessment.SameParty, true},
	{"XW", "Ministerstvo yustitsii Karsovii", "Penetration testing appliance, hosted", "intrusion", assessment.SameParty, true},
	{"XB", "Министерство юстиции Карсовии", "Endpoint evidence collector", "intrusion", assessment.SameParty, true},
	{"XO", "Ministry of Justice, Karsovia", "Cell-site simulator", "imsi_catcher", assessment.SameParty, false},
	{"XT", "Ministry of Justice Karsovia", "Browser exploit kit", "intrusion", assessment.Different, false},
}

// Software and the training in it are refused: a partner's denial, imported as a
// file, is of the same user. What the same firm tells a response team about a
// hole needs no licence, in a case of its own. A broker who later asks for the
// same user, under another name for the item, meets the refusal.
func TestCase7_7IntrusionSoftware(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		in := nodetest.Example(t, "07")
		for _, p := range partnersRefused {
			s.receives(strings.ToLower(p.state)+"-denials", states[p.state], toldBefore(p.state, p.name, p.item, p.kind))
			in.Hits = append(in.Hits, assessment.Hit{Party: "justice", Entry: strings.ToLower(p.state) + ":2025-1", Outcome: p.outcome, Reason: "By its address."})
		}
		suite := in
		suite.Lines, suite.Parties = in.Lines[:2], slices.Clone(in.Parties[:2])
		suite.Parties[1].Owners = []string{"Belmar Holding SAL"}
		id := s.assessed(suite, map[string]string{"suite": "1", "training": "20"}, "suite", "training")
		items := s.page(s.Officer, "/cases/"+id+"/items")
		items.HasText("dd", "software").HasText("dd", "service").HasText("main", "4D004").HasText("main", "4E001.c")
		parties := s.page(s.Officer, "/cases/"+id+"/parties")
		parties.HasText("#party-justice", "Министерство юстиции Карсовии, Центр информационных систем").HasText("#party-reseller li", "Belmar Holding SAL")
		// Who stands behind the reseller is drawn.
		parties.HasText("#owners svg", "Belmar Holding SAL").HasText("#owners svg", "Reseller House Belmar")

		// Each denial is essentially identical by what the item does and by its user;
		// that of another kind of item is not, and neither is one of another party.
		for _, p := range partnersRefused {
			hit := s.match(id, strings.ToLower(p.state)+":2025-1")
			shown := uitest.Text(s.page(s.Officer, "/cases/"+id+"/parties").One("#hit-" + hit.ID))
			agree := strings.Contains(shown, "Essentially identical Two facts agree with what was refused before: the end user, by the answer below, and the kind of item, Intrusion software and remote-access spyware, with line 1, 2.")
			if agree != p.alike || strings.Contains(shown, "Essentially identical") != p.alike || !strings.Contains(shown, p.item) {
				t.Errorf("the denial of %s is shown as %s", p.state, shown)
			}
		}
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
