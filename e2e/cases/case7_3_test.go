package cases

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/ui/uitest"
)

// flowgate is what is sold to the state's internet provider, under a tariff code.
func flowgate(a *licensing.Application) {
	for i := range a.Lines {
		a.Lines[i].Tariff, a.Lines[i].TariffAsOf = "8517 62 00", "2026-01-01"
	}
}

// Case 7.3: an exporter learns what its probes for billing may be used for, and
// says so. A letter makes the licence needed and stops the goods at the border;
// partners are told; the application that the letter compels is split. That other
// states take the letter up for themselves takes their nodes, and is not here.
func TestCase7_3TrafficProbesOutsideTheLists(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		in := nodetest.Example(t, "03")

		// The case starts from a notification.
		told := s.apply("notification", in, flowgate)
		if c := s.File(s.Officer, told).Case; c.Kind != "notification" || c.Decision != nil {
			t.Fatalf("it starts as %q", c.Kind)
		}
		s.page(s.Officer, "/cases?kind=notification").HasText("tbody", in.Title)

		// A report of civil society, reviewed; who told it is nowhere.
		const said = "Two engineers of the provider told us that the same model slowed down tunnels in the week before the election."
		report := s.fill(s.Adviser, "/evidence/new", "/evidence/new", fields{
			"kind": "civil_society", "asked": "organisations", "reviewed": "yes", "title": "Tunnels before the election", "says": said, "published": s.today().Add(-10),
			"reliability": "B", "credibility": "2", "marking": "amber", "country": "XT",
		})
		item := report[len("/evidence/"):]

		// Informed within days, and nothing of it leaves.
		s.wait(2)
		s.letter(told)
		s.page(s.Applicant, "/exporter").HasText("#informed", "Traffic probes")
		s.page(s.Applicant, "/exporter/cases/"+told).LacksText("engineers").LacksText("Tunnels before")
		stopped := s.atBorder("8517 6200")
		stopped.HasText("main", "a licence is needed").HasText("main", "nothing of it may leave").LacksText("engineers")

		s.partnersTold(t, told, report)

		// The notification is answered: apply. The application that is compelled
		// rests on the report.
		s.classify(told, in)
		s.answersNeeded(told)
		id := s.apply("individual", in, flowgate)
		s.classify(id, in)
		s.resolve(id, in)
		s.assess(id, in)
		fact := "/cases/" + id + "/assessment/fact"
		s.fill(s.Officer, fact+"?line=probes&fact=user.conduct_concern&item="+item, fact, fields{"fact": "user.conduct_concern", "value": "yes", "about": "line", "item": item, "date": s.today().Add(-10)})
		s.page(s.Officer, report).HasText("#resting", s.File(s.Officer, id).Case.Reference)
		s.page(s.Officer, "/cases/"+id+"/assessment?line=probes").HasText("main", "Tunnels before the election")
		s.assure(id, "isp", "hash of the installed configuration", "billing")
		s.view(id, assessment.Likely, "4", "Whole towns would be without messages before an election.", "probes")
		s.conclude(id)
		s.advise(id, "The counters count; the probes throttle.", map[string]licensing.AdviceKind{"probes": licensing.Refuse, "billing": licensing.ApproveWithCondition})
		split := map[string]licensing.Outcome{"probes": licensing.RefuseLine, "billing": licensing.Issue}
		s.recommend(id, split, "CP2-a", fields{
			"own.1.type": "modules_disabled", "own.1.what": "Built without the filtering module; the key that would enable it stays in escrow with the licensee.", "own.1.lines": []string{"billing"},
			"own.1.verify": "Hash of the installed configuration", "own.1.consequence": "Revocation",
		})
		const reason = "There is a clear risk that the probes are used to silence speech."
		s.intend(id, "CP2-a", reason, "probes")
		s.wait(40)
		s.decide(id, split, fields{"told.CP2-a": reason})
		s.page(s.Applicant, "/exporter/cases/"+id).HasText("main", "stays in escrow").LacksText("engineers").LacksText("Tunnels before")
	})
}

// Case 7.3, the other end: what is notified needs no licence under what the
// exporter undertakes, the letter falls, and customs let it go with its words.
func TestCase7_3ClosedWithAnUndertaking(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		in := nodetest.Example(t, "03")
		in.Lines = in.Lines[1:]
		in.Answers = slices.DeleteFunc(in.Answers, func(a assessment.Answer) bool { return a.Line == "probes" })
		id := s.apply("notification", in, flowgate)
		s.letter(id)
		s.classify(id, in)
		s.resolve(id, in)
		s.assess(id, in)
		s.view(id, assessment.Remote, "2", "Counters alone.")
		s.conclude(id)
		undertaken := map[string]licensing.Outcome{"billing": licensing.Undertaken}
		s.recommend(id, undertaken, "", fields{
			"own.1.type": "modules_disabled", "own.1.what": "The filtering module is never delivered for this installation.", "own.1.lines": []string{"billing"},
			"own.1.verify": "Build list of each update", "own.1.consequence": "A licence is needed",
		})
		s.atBorder("85176200").HasText("main", "nothing of it may leave")
		s.decide(id, undertaken, nil)
		s.page(s.Applicant, "/exporter/cases/"+id).HasText("main", "The filtering module is never delivered for this installation.")
		s.page(s.Applicant, "/exporter").Count("#informed", 0)
		free := s.atBorder("85176200").HasText("main", "no licence required").LacksText("nothing of it may leave")
		free.HasText("main", s.File(s.Officer, id).Case.Reference)
	})
}

// partnersTold tells two other states of the model, with nothing that leads to the
// exporter, the price or whoever told it. Their nodes get it; what they do with it
// is theirs.
func (s *stage) partnersTold(t *testing.T, id, report string) {
	t.Helper()
	alvania, westmark := opens(t, store.SQLite, "XA", s.clock), opens(t, store.SQLite, "XW", s.clock)
	nodetest.Trust(t, s.clock.Now(), alvania, s.App, westmark)
	contact := s.person("contact", access.PointOfContact, access.LicensingOfficer)
	paper := s.fill(contact, "/exchange/new/report?"+url.Values{"case": {id}, "item": {report[len("/evidence/"):]}}.Encode(), "/exchange/new/report", fields{
		"title": "Traffic probes in Tembuka", "text": "Probes that are sold for billing can slow down tunnels. A licence is needed here from today.", "purposes": "licensing", "audience": []string{"XA", "XW"},
		"report_kind": "threat", "user.1.name": "Tembuka Telecom National", "user.1.country": "XT", "user.1.kind": "telecom", "abuses": "censorship", "likelihood": "likely", "evidence": "reported-once",
	})
	s.fill(s.Adviser, paper+"/check", paper+"/check", fields{"consent": "given", "coarse": "yes"})
	s.fill(contact, paper+"/issue", paper+"/issue", nil)
	for _, state := range []string{"XA", "XW"} {
		out, _, err := s.App.Outgoing(context.Background(), state, 0, 10)
		if err != nil || len(out) == 0 {
			t.Fatalf("%d statements for %s (%v)", len(out), state, err)
		}
		for _, o := range out {
			for _, secret := range []string{"ngineers", "Tunnels before", "Norland Radio", "organisations", "2800000"} {
				if strings.Contains(string(o.Envelope), secret) {
					t.Errorf("%s goes to %s with %q", o.Leaf, state, secret)
				}
			}
		}
	}
	s.page(contact, paper).HasText("#who", "Has it: Alvania")
}

// letter has the officer inform the exporter of a case that a licence is needed.
func (s *stage) letter(id string) {
	s.T.Helper()
	inform := "/cases/" + id + "/inform"
	s.fill(s.Officer, inform, inform, fields{
		"to": "one", "org": "Norland Radio Systems", "items": "Traffic probes that can block or slow down traffic, and their software",
		"basis": "Reg. (EU) 2021/821 Art. 5(1)", "text": "Reports say that the same model was used to slow down messages before an election.",
	})
	s.settle()
}

// atBorder is what customs find under a tariff code.
func (s *stage) atBorder(tariff string) *uitest.Answer {
	s.T.Helper()
	return s.send(s.Customs, "/customs", "/customs", fields{"by": "tariff", "text": tariff, "purpose": "declaration", "about": "26XN000001"}).Status(200)
}

// answersNeeded closes a notification: a licence has to be applied for.
func (s *stage) answersNeeded(id string) {
	s.T.Helper()
	needed := map[string]licensing.Outcome{}
	for _, l := range s.File(s.Officer, id).Case.App().Lines {
		needed[l.ID] = licensing.LicenceNeeded
	}
	s.recommend(id, needed, "", nil)
	s.decide(id, needed, fields{"told.answer": "Apply for a licence: what you told us gives reason to fear misuse."})
	s.page(s.Applicant, "/exporter/cases/"+id).HasText("main", "a licence is needed")
}
