package cases

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/party"
	"github.com/comity-project/comity/internal/statistics"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/ui/uitest"
)

// alvaniaTold is what Alvania told its partners 26 months ago: two tactical
// locators to the Special Department, its name in Latin letters, as a
// German-speaking clerk writes Russian.
const alvaniaTold = `schema: comity.parties/v1
list: XA-DENIALS
title: Refusals of Alvania
published: '2026-11-01'
parties:
  - id: 'xa:2024-17'
    type: organisation
    names: [{text: "Osobyj otdel MWD Karsowii", kind: primary}]
    countries: [XR]
    program: Refused end user
    listed: '2024-09-09'
    refused: [imsi_catcher]
    remarks: '2 tactical locators; clear risk of internal repression.'
  - id: 'xa:2025-03'
    type: organisation
    names: [{text: "Kommerchesky dom Vostochny Most", kind: primary}]
    countries: [XR]
    program: Refused end user
    listed: '2025-02-03'
    refused: [thermal_imaging]
`

func TestCase7_1ImsiCatcherToAnInteriorMinistry(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		s.receives("xa-denials", "Alvania", alvaniaTold)
		in := nodetest.Example(t, "01")
		id := s.apply("individual", in, func(a *licensing.Application) {
			for i := range a.Lines {
				a.Lines[i].Value, a.Lines[i].Currency = 103333300, "EUR"
			}
		})
		s.classify(id, in)

		// The denial is found though it is written in other letters, by whichever
		// way of writing them.
		hit := s.match(id, "xa:2024-17")
		if hit.Party != "ministry" || hit.Details.Asked != "Особый отдел МВД Карсовии" || !hit.Open() {
			t.Errorf("found as %+v", hit)
		}
		for _, spelled := range []string{"Osobyy otdel MVD Karsovii", "Osobyi Otdel MVD Karsovii", "ОСОБЫЙ ОТДЕЛ МВД КАРСОВИИ"} {
			found := s.send(s.Officer, "/screen", "/screen", fields{"name": spelled, "country": "XR", "purpose": "case", "about": s.File(s.Officer, id).Case.Reference})
			found.Status(200).HasText("main", "xa:2024-17")
		}
		s.answers(id, hit.ID, assessment.SameParty, "The unit in the answer to our request is the one that Alvania refused.")
		parties := s.page(s.Officer, "/cases/"+id+"/parties").HasText("p", "Essentially identical").HasText("p", "line 1, 2, 3")
		parties.HasText("p", "2 tactical locators")

		// Alvania is consulted, and has ten working days.
		ask := parties.Link("Consult the state that refused")
		question := s.fill(s.Officer, ask, "/questions/new", fields{
			"whom": "Ministry of Trade of Alvania", "text": "You refused two tactical locators to the Special Department in September 2024. Do the grounds stand for a mobile interception system?", "marking": "amber",
		})
		due := deadline.Date("2026-11-23")
		s.page(s.Officer, question).HasText("h1", "Ministry of Trade of Alvania").HasText("dd", "14 days left")
		s.page(s.Officer, "/work").HasText("#duties", "due 23 November 2026")
		s.wait(15)
		if s.today() <= due {
			t.Fatal("the ten days are not over")
		}
		s.page(s.Officer, "/questions?late=yes").HasText("tbody th", "Ministry of Trade of Alvania")
		answer := s.fill(s.Officer, question+"/answer", question+"/answer", fields{
			"title": "Reply of Alvania to our consultation", "says": "The grounds stand: the unit traced telephones around assemblies.", "published": s.today(), "reliability": "A", "credibility": "2", "marking": "amber",
		})
		item := answer[len("/evidence/"):]
		record := s.page(s.Officer, question).Link("Record the fact that it answers")
		s.fill(s.Officer, record, "/cases/"+id+"/assessment/fact", fields{"value": "yes", "about": "case", "item": item, "date": s.today()})
		s.resolve(id, in)

		// Which unit operates it is asked, and the clock stands until the answer.
		rfi := s.fill(s.Officer, "/cases/"+id, "/cases/"+id+"/questions", fields{"questions": "Which unit of the ministry will operate the vehicles?"})
		if c := s.File(s.Officer, id).Case; !c.Clock.Stopped() {
			t.Errorf("the clock runs while %s waits", rfi)
		}
		request := "/exporter/cases/" + id + "/requests/" + s.File(s.Officer, id).Case.RFIs[0].ID
		s.fill(s.Applicant, request, request, fields{"answer.q1": "The Special Department, in Veden."})
		s.settle()
		s.resolve(id, in)
		s.page(s.Officer, "/cases/"+id).HasText("main", "The Special Department, in Veden.")

		// People who protest were policed with it, and no judge is asked; the ministry
		// promises to obey that law, and nothing more: the promise counts as absent.
		in.Answers = slices.DeleteFunc(in.Answers, func(a assessment.Answer) bool { return a.Fact == "case.denial_consulted" })
		s.assess(id, in)
		s.promised(id)
		s.page(s.Officer, "/cases/"+id+"/assurances").HasText("td", "counts as absent")

		s.view(id, assessment.Likely, "5", "Whole crowds can be identified; nobody authorises it beforehand.", "1", "2", "3")
		s.conclude(id)
		refuse, against := map[string]licensing.Outcome{}, map[string]licensing.AdviceKind{}
		for _, l := range in.Lines {
			refuse[l.ID], against[l.ID] = licensing.RefuseLine, licensing.Refuse
		}
		s.advise(id, "The unit traced telephones around an assembly.", against)
		s.recommend(id, refuse, "CP2-a", nil)
		const told = "There is a clear risk that the items might be used for internal repression."
		s.intend(id, "CP2-a", told, "1", "2", "3")
		s.wait(5)
		reply := "/exporter/cases/" + id + "/intention"
		s.page(s.Applicant, reply).HasText("main", told).LacksText("Alvania").LacksText("tactical")
		s.fill(s.Applicant, reply, reply, fields{"text": "The ministry has promised in writing to obey the law of Karsovia."})
		weigh := "/cases/" + id + "/decision/weigh"
		s.fill(s.Officer, weigh, weigh, fields{"text": "That law asks for no warrant.", "new": "no"})
		before := s.refusals()
		s.decide(id, refuse, fields{"told.CP2-a": told, "weighed.1.point": "The ministry promised to obey the law.", "weighed.1.answer": "That law asks for no order of a court."})
		s.page(s.Applicant, "/exporter/cases/"+id).HasText("main", "refused").LacksText("Alvania")

		// The year's figures have one refusal more, of three lines, and agree with the
		// ledger.
		for name, n := range s.refusals() {
			if want := map[string]int64{statistics.ByItem: 3, statistics.ByGround: 3}[name]; n-before[name] != max(want, 1) {
				t.Errorf("%s: %d refusals more", name, n-before[name])
			}
		}
		s.partnersToldOf(id, in)
	})
}

// refusals are the refusals of the year by each table of the statistics.
func (s *stage) refusals() map[string]int64 {
	s.T.Helper()
	figures, differences, err := s.App.CheckYear(context.Background(), access.System(), s.clock.Now().Year())
	if err != nil || len(differences) > 0 {
		s.T.Fatalf("the year differs from the ledger: %+v, %v", differences, err)
	}
	out := map[string]int64{}
	for _, name := range []string{statistics.ByMonth, statistics.ByDestination, statistics.ByKind, statistics.ByItem, statistics.ByGround} {
		table := figures.Table(name)
		column := slices.Index(table.Columns, statistics.Refused)
		out[name] = 0
		for _, r := range table.Rows {
			out[name] += r.Counts[column]
		}
	}
	return out
}

// partnersToldOf tells partners of the refusal within thirty days, by a file that
// Alvania's own node reads; a later case that names the integrator shows it. After
// three years it is looked at again.
func (s *stage) partnersToldOf(id string, in assessment.Input) {
	s.T.Helper()
	notice := s.page(s.Officer, "/cases/"+id+"/decision").Link("Notice of this refusal to partners")
	due := s.today().Add(30)
	draft := s.page(s.Officer, notice).HasText("main", "Partners have to be told by "+s.inWords(due))
	draft.HasText("dd", "Особый отдел МВД Карсовии").HasText("dd", "Delta Secure FZE").HasText("dd", "CP2-a").LacksText("XN-L-")
	s.page(s.Officer, "/work").HasText("#duties", "Tell partners of the refusal in "+s.File(s.Officer, id).Case.Reference)
	told := fields{"to": "xa", "use": "Search for telephones around public buildings", "how": "By file to the ministry of trade of Alvania."}
	s.refused(s.Officer, notice, notice+"/propose", fields{"to": "XR, XA", "use": "Search", "how": "By file."}).HasText("main", "Neither our own state nor the destination is told.")
	s.fill(s.Officer, notice, notice+"/propose", told)
	s.page(s.Officer, notice).HasText("main", "It waits for a second person").LacksText("It goes out")
	s.gone(s.Officer, notice+"/file/XA")
	s.page(s.Senior, "/work").HasText("#duties", "before it goes out")
	s.fill(s.Senior, notice, notice+"/look", fields{"outcome": "return", "why": "Say it without the place."})
	told["use"] = "Search for telephones"
	s.fill(s.Officer, notice, notice+"/propose", told)
	s.fill(s.Senior, notice, notice+"/look", fields{"outcome": "release"})
	s.page(s.Officer, notice).HasText("#denial p", "Alvania told on")

	file := uitest.Get(s.T, s.site, notice+"/file/XA", s.SignIn(s.Officer)).Status(http.StatusOK)
	app := s.File(s.Officer, id).Case.App()
	for _, secret := range []string{"Norland Radio", "Vydran", app.EndUse.Purpose, "1033333", "3100000", "EUR", "protest", "XA-DENIALS"} {
		if secret != "" && strings.Contains(string(file.Body), secret) {
			s.T.Errorf("Alvania reads %q", secret)
		}
	}
	s.gone(s.Officer, notice+"/file/XW")

	// Alvania reads it, and finds the ministry in a case of its own.
	alvania := set(s.T, opens(s.T, store.SQLite, "XA", s.clock), s.clock)
	alvania.receivesAs("xn-denials", "Norland", "comity-jsonl", string(file.Body))
	theirs := alvania.apply("individual", in, nil)
	hit := alvania.match(theirs, "xn-d-2026-0001:1")
	if hit.Party != "ministry" || !hit.Open() {
		s.T.Errorf("Alvania finds %+v", hit)
	}
	alvania.page(alvania.Officer, "/cases/"+theirs+"/parties").HasText("main", "Search for telephones")

	// The integrator is flagged in whatever case names it next.
	next := s.apply("individual", in, nil)
	s.page(s.Officer, "/cases/"+next+"/parties").HasText("p", "Somebody of this name is integrator in a refusal of ours, XN-D-2026-0001")
	s.page(s.Officer, "/cases/"+id+"/parties").LacksText("in a refusal of ours")

	// Three years later it is looked at again; changed; taken back.
	s.wait(3*365 + 1)
	s.page(s.Officer, "/work").HasText("#duties", "Look again at the notice of refusal")
	s.fill(s.Officer, notice, notice+"/look", fields{"outcome": "keep", "why": "The unit and the law are the same."})
	s.page(s.Officer, notice).HasText("main", "and it stands: The unit and the law are the same.")
	i := slices.IndexFunc(app.Parties, func(p party.Party) bool { return slices.Contains(p.Roles, party.Integrator) })
	told["why"], told["without"] = "The integrator was struck off.", []string{app.Parties[i].ID}
	s.fill(s.Officer, notice+"?change=yes", notice+"/propose", told)
	s.fill(s.Senior, notice, notice+"/look", fields{"outcome": "release"})
	if shown := uitest.Text(s.page(s.Officer, notice).HasText("#denial dd", "Особый отдел").One("#denial")); strings.Contains(shown, "Delta Secure") {
		s.T.Errorf("it still names the integrator: %s", shown)
	}
	s.fill(s.Officer, notice, notice+"/look", fields{"outcome": "end", "why": "The unit was dissolved."})
	s.page(s.Officer, notice).HasText("main", "taken back").LacksText("What came of it")
	if left := uitest.Get(s.T, s.site, notice+"/file/XA", s.SignIn(s.Officer)).Status(http.StatusOK); strings.Contains(string(left.Body), "xn-d-2026-0001") {
		s.T.Error("what was taken back is still told")
	}
}

// promised records the assurance that the ministry offers: to obey its own law.
func (s *stage) promised(id string) {
	s.T.Helper()
	tab := "/cases/" + id + "/assurances"
	s.fill(s.Officer, tab+"/new", tab+"/new", fields{"from": "ministry", "clauses": []string{"not_misused"}, "how": "note verbale", "text": "No use without the warrant of a judge."})
	s.fill(s.Officer, s.page(s.Officer, tab).Link("Record the reply"), tab+"/reply", fields{
		"reply.not_misused": "changed", "text": "The ministry will obey the law of Karsovia.", "signatory": "Orest Vydran", "function": "deputy minister", "source": "the paper itself", "retain": s.today().Add(3650), "check": "visit to the site of use",
	})
}
