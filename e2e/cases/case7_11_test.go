package cases

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/party"
)

// A firm without a state behind it is asked for its owners, its clients, the
// licence of its trade and resale, paragraph by paragraph, before anybody looks
// at the case.
func TestCase7_11AFirmIsAskedWhoOwnsIt(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		a := s.Application(nodetest.Example(t, "11"))
		a.Answers, a.Declaration = nil, licensing.Declaration{}
		for i := range a.Parties {
			a.Parties[i].Ownership = party.Ownership{}
		}
		body, err := json.Marshal(a)
		if err == nil {
			_, err = s.App.SaveDraft(t.Context(), s.Applicant, node.Draft{ID: a.ID, Kind: "application", Title: a.Title, Body: body})
		}
		if err != nil {
			t.Fatal(err)
		}
		missing := s.page(s.Applicant, "/exporter/drafts/"+a.ID+"/missing")
		for id, title := range map[string]string{"NST-1": "Owners", "NST-2": "Clients", "NST-3": "Licensing of its trade", "NST-4": "Resale"} {
			missing.HasText("section.finding", id).HasText("section.finding h3", title)
		}
	})
}

// A hidden owner is an unknown that nobody can bear at severity 4 and 5, though
// nothing else speaks against the user, and no figure of its country stands in
// for it.
func TestCase7_11AHiddenOwnerBlocks(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		in := nodetest.Example(t, "11")
		in.Hits, in.Lines = nil, slices.DeleteFunc(in.Lines, func(l assessment.Line) bool { return l.ID != "research" })
		in.Answers = slices.DeleteFunc(in.Answers, func(a assessment.Answer) bool {
			return a.Party == "helm" || a.Line != "" && a.Line != "research" || a.Fact == "user.owner_concern"
		})
		in.Parties = slices.DeleteFunc(in.Parties, func(p assessment.Party) bool { return p.ID == "helm" })
		for i := range in.Parties {
			if in.Parties[i].ID == "lab" {
				in.Parties[i].Hidden, in.Parties[i].Roles = true, []string{"end_user"}
			}
		}
		id := s.apply("individual", in, asWritten(in, nil))
		s.Settle(id, in)
		s.page(s.Officer, "/cases/"+id+"/parties").HasText("#party-lab .chip", "The owners were asked for and not told.")
		s.page(s.Officer, "/cases/"+id+"/decision").HasText("main", "COC-4a").HasText("main", "can't be borne at this severity")
		issue := map[string]licensing.Outcome{"research": licensing.Issue}
		s.recommend(id, issue, "", fields{"conditions": []string{"site-use"}})
		tab := "/cases/" + id + "/decision/decide"
		no := s.refused(s.Senior, tab, tab, fields{"outcome.research": "issue", "reasons": "They are good people.", "from": s.today(), "until": s.today().Add(300)})
		no.HasText(".govuk-error-summary a", "COC-4a")
		if s.File(s.Officer, id).Case.Decision != nil {
			t.Error("it was decided")
		}
	})
}

// The firm is refused and the laboratory gets its kit for its own site and named
// staff; the page tells both outcomes with the facts that part them.
func TestCase7_11PrivateFirmAndLaboratory(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		in := nodetest.Example(t, "11")
		id := s.apply("individual", in, asWritten(in, map[string]string{"extraction": "12", "research": "1"}))
		s.Settle(id, in)
		s.page(s.Officer, "/cases/"+id).HasText("main", "One match with a listed party waits for a person's answer.")
		s.page(s.Officer, "/cases/"+id+"/parties").HasText("#party-helm .chip", "The owners were asked for and not told.").HasText("#party-helm li", "Marqab Holding SAL").HasText("#party-helm", "It stays unknown, and the case can't go on until it is answered.")
		for _, h := range s.File(s.Officer, id).Assessment.Hits {
			if h.Party == "helm" && h.Outcome == assessment.CantTell {
				s.answers(id, h.ID, assessment.SameParty, "The shares are held for the listed holding.")
			}
		}
		s.Complete(id, in, "tracking", "extraction")
		s.carry(id, "COC-4a", map[string]licensing.Outcome{"tracking": licensing.RefuseLine, "extraction": licensing.RefuseLine, "research": licensing.Issue}, fields{"conditions": []string{"site-use", "serial-tracking"}})
		l := s.licence(id)
		if len(l.Lines) != 1 || l.Lines[0].Line != "research" {
			t.Fatalf("the licence lets go %+v", l.Lines)
		}
		s.page(s.Auditor, "/cases/"+id+"/decision").HasText("#decided", "refused").HasText("#decided", "at its own site, by named staff")
		s.page(s.Auditor, "/cases/"+id+"/assessment?line=tracking").HasText("main", "a mining company whose guards were convicted")
		s.page(s.Auditor, "/cases/"+id+"/assessment?line=research").HasText("main", "agreement with the defence office read")
		s.page(s.Officer, "/licences/"+l.ID).HasText("#conditions li", "at its own site, by named staff")
		s.page(s.Applicant, "/exporter/cases/"+id).HasText("#decision", "refused").HasText("#decision", "1 phone extraction kit").HasText("#decision", "named staff").LacksText("convicted")
		s.page(s.Auditor, "/cases/"+id+"/decision/replay").HasText("#replay", "Same findings and outcome")
	})
}
