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

// The same sequencer to the same state comes out twice over: refused to the
// institute of a security bureau, issued to a clinic, each with its reasons. A
// letter says that consumables for the institute need a licence, whoever of the
// state sends them; whoever applies to send some later meets it, under another
// of the institute's names too.
func TestCase7_9SequencersForABureauAndAClinic(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		in := nodetest.Example(t, "09")
		id := s.assessed(in, map[string]string{"bureau": "8", "kits": "2000", "clinic": "1"}, "bureau", "kits")
		s.page(s.Officer, "/cases/"+id+"/parties").HasText("#party-front", "Sanda Bio-Fournitures SARL")
		bureau, clinic := s.page(s.Officer, "/cases/"+id+"/assessment?line=bureau"), s.page(s.Officer, "/cases/"+id+"/assessment?line=clinic")
		bureau.HasText("main", "samples taken in schools of a minority without consent")
		clinic.HasText("main", "patients with consent, forms seen")
		s.carry(id, "COC-4a", map[string]licensing.Outcome{"bureau": licensing.RefuseLine, "kits": licensing.RefuseLine, "clinic": licensing.Issue}, fields{"conditions": []string{"site-use"}})
		if l := s.licence(id); len(l.Lines) != 1 || l.Lines[0].Line != "clinic" || l.Lines[0].Quantity != 1000 {
			t.Fatalf("the licence lets go %+v", l.Lines)
		}
		why := s.page(s.Auditor, "/cases/"+id+"/decision").HasText("#decided", "refused").HasText("#decided", "at its own site, by named staff")
		why.HasText("#apart-bureau", "Why line clinic goes and line bureau does not").HasText("#apart-bureau p", "Nothing that is known of the destination is among them.")
		why.HasText("#apart-bureau td", "samples taken in schools of a minority without consent").HasText("#apart-bureau td", "patients with consent, forms seen")
		ref := s.File(s.Officer, id).Case.Reference

		// A letter to every exporter of the state, about a class of items for these users.
		s.fill(s.Officer, "/cases/new", "/cases/new", fields{
			"title": "Consumables for sequencers, Upper Sanda", "items": "Reagents and other consumables for DNA sequencers", "user": "Institute of Forensic Science of Upper Sanda",
			"destination": "XT", "why": "Reagents are what keeps the sequencers running; see " + ref + ".",
		})
		own := s.newest()
		s.take(own)
		s.fill(s.Officer, "/cases/"+own+"/inform", "/cases/"+own+"/inform", fields{
			"to": "all", "basis": "Export Control Act, section 9 (made up)", "users": "Institute of Forensic Science of Upper Sanda\nInstitut de médecine légale de la Haute-Sanda",
			"text": "A licence is needed: samples were taken without consent.",
		})
		firm := nodetest.Org(t, s.App, account.Exporter, "Fjord Reagents")
		other := s.beside(firm, nodetest.Person(t, s.App, firm, "rolf", access.ExporterUser))
		s.page(other.Applicant, "/exporter").HasText("main", "Reagents and other consumables for DNA sequencers")
		s.page(s.Applicant, "/exporter").HasText("main", "A licence is needed")

		// Another exporter applies later, for the institute under its other name.
		later := in
		later.Title, later.Lines = "Reagents for a laboratory", slices.Clone(in.Lines[:1])
		later.Lines[0].Description = "Reagents for DNA sequencers, 40 litres"
		later.Parties = slices.Clone(in.Parties[:1])
		later.Parties[0].Names = []string{"Institut de médecine légale de la Haute-Sanda"}
		later.Hits, later.Answers, later.Assurances = nil, nil, nil
		s.wait(60)
		other = s.beside(firm, other.Applicant)
		watched := other.apply("individual", later, asWritten(later, nil))
		s.page(s.Officer, "/cases/"+watched).HasText(".banner li", "Reagents and other consumables for DNA sequencers")
		for _, h := range s.File(s.Officer, watched).Assessment.Hits {
			if h.Entry == "alvania-denials:0007" {
				s.answers(watched, h.ID, assessment.SameParty, "The same institute.")
			}
		}
		s.page(s.Officer, "/cases/"+watched+"/decision").HasText("#earlier tr", ref).HasText("#earlier td", "refused")
		s.page(other.Applicant, "/exporter/cases/"+watched).LacksText(ref)
	})
}

// newest is the case that was opened last.
func (s *stage) newest() string {
	s.T.Helper()
	list := s.page(s.Officer, "/cases?list=all")
	return strings.TrimPrefix(list.Link("Consumables for sequencers, Upper Sanda"), "/cases/")
}
