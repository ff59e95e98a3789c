package exchange_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/dispatch"
	"github.com/comity-project/comity/internal/enforcement"
	"github.com/comity-project/comity/internal/evidence"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/policy"
	"github.com/comity-project/comity/statement/stix"
)

// warned is a case that is ready to be decided, in a node that another state has
// told something about its end user.
func warned(t *testing.T, xn, xa seat, clock *nodetest.Clock) (n seat, id string, decide licensing.DecideCase) {
	t.Helper()
	h := nodetest.Staff(t, xn.App)
	in := nodetest.Example(t, "12")
	app := h.Application(in)
	for i := range app.Lines {
		app.Lines[i].Tariff, app.Lines[i].TariffAsOf = nodetest.Tariff, "2026-01-01"
	}
	id = h.Submit(app)
	h.Settle(id, in)
	h.Complete(id, in)
	user, _ := app.EndUser()
	xa.Issue(nodetest.Said(clock.Now(), "Our warning about the unit", user.Name(), "XN"))
	xn.From(xa.Seat)
	outcomes := []licensing.LineOutcome{{Line: in.Lines[0].ID, Outcome: licensing.LineNotNeeded}}
	h.Do(h.Officer, licensing.Recommend{On: licensing.On{Case: id}, Outcomes: outcomes, Reasons: "It protects those who use it."})
	h.Do(h.Senior, licensing.Countersign{On: licensing.On{Case: id}, Agree: true})
	return seat{xn.Seat, h, xn.site}, id, licensing.DecideCase{
		On: licensing.On{Case: id}, Outcomes: outcomes, Reasons: "As recommended.", Redress: "2026-11-22",
		ToApplicant: []licensing.ReleasedReason{{Ground: "COC-4a", Text: "It protects those who use it."}},
	}
}

// refused gives a command and wants it refused by a sentence.
func (s seat) refused(who access.Actor, cmd any, key string) {
	s.T.Helper()
	var f *fault.Error
	if err := s.App.Do(context.Background(), who, cmd); !errors.As(err, &f) || f.Key != key {
		s.T.Fatalf("%T: %v, wanted %s", cmd, err, key)
	}
}

// What a partner reported stands behind nothing that an applicant is told before
// the program was told whether it does and the partner has consented; words of
// its own never go out.
func TestNothingIsToldWithoutTheOriginatorsConsent(t *testing.T) {
	both(t, func(t *testing.T, engine store.Engine, clock *nodetest.Clock) {
		all := community(t, engine, clock, "XA", "XN")
		xn, xa := all["XN"], all["XA"]
		n, id, decide := warned(t, xn, xa, clock)
		told := "/cases/" + id + "/told"
		n.page("/cases/"+id, n.house.Officer).HasText("#reported", "What letters rest on")

		// Its own words are held back from a question to the applicant too.
		ask := n.page("/cases/"+id+"?ask", n.house.Officer).Form("/cases/" + id + "/questions")
		ask.Set("questions", "Is it true that THE UNIT uses the tool against people who publish?")
		n.post(ask, n.house.Officer).Status(http.StatusConflict).HasText(".govuk-error-summary", "repeats the words of what")
		ask.Set("questions", "Who will use it?")

		n.refused(n.house.Officer, decide, "dispatch.telling.unsettled")
		f := n.page(told, n.house.Officer).HasText(".card", "Our warning about the unit").HasText(".card", "not said yet").Form(told)
		n.post(f, n.house.Officer).Status(http.StatusUnprocessableEntity)
		f.Set("standing."+f.Get("fact"), "rests")
		n.post(f, n.house.Officer).Redirects(told)
		n.page(told, n.house.Officer).HasText(".card", "consent not asked").HasText(".card", "The point of contact asks")
		n.refused(n.house.Officer, decide, "dispatch.telling.consent")

		// The point of contact asks from the page, and the partner answers.
		both := nodetest.Person(t, xn.App, xn.Authority, "both", access.PointOfContact, access.LicensingOfficer)
		said := n.page("/cases/"+id, n.house.Officer).Link("Our warning about the unit")
		n.post(n.page(told, both).Form(said+"/word"), both).Redirects(said)
		n.page(told, n.house.Officer).HasText(".card", "consent asked, no answer yet")
		n.refused(n.house.Officer, decide, "dispatch.telling.consent")
		xa.From(xn.Seat)
		question := xa.only("Asks whether it may tell this")
		answer := xa.page(question, xa.Contact).HasText("#answer", "Consent").Form(question + "/word")
		no := answer
		no.Values = map[string][]string{"word": {"telling-refused"}, "once": {node.NewID()}}
		xa.post(no, xa.Contact).Redirects(question)
		xn.From(xa.Seat)
		n.page(told, n.house.Officer).HasText(".card", "consent refused")
		n.refused(n.house.Officer, decide, "dispatch.telling.consent")
		answer.Values = map[string][]string{"word": {"telling-given"}, "once": {node.NewID()}}
		xa.post(answer, xa.Contact).Redirects(question)
		xn.From(xa.Seat)
		n.page(told, n.house.Officer).HasText(".card", "consent on record")
		n.house.Do(n.house.Officer, decide)
	})
}

// A fact is left out with one word; a source in the library that came from a
// partner counts the same way, with consent that came otherwise on record.
func TestASourceFromAPartnerCountsTheSameWay(t *testing.T) {
	clock := nodetest.NewClock()
	all := community(t, store.SQLite, clock, "XA", "XN")
	n, id, decide := warned(t, all["XN"], all["XA"], clock)
	said := n.page("/cases/"+id, n.house.Officer).Link("Our warning about the unit")
	told := "/cases/" + id + "/told"
	settle := func(standing, how string) {
		t.Helper()
		f := n.page(told, n.house.Officer).Form(told)
		f.Set("standing."+f.Get("fact"), standing)
		f.Set("how."+f.Get("fact"), how)
		n.post(f, n.house.Officer).Redirects(told)
	}
	settle("left_out", "")
	n.page(told, n.house.Officer).HasText(".card", "left out")

	// The statement is taken into the library from its page and cited.
	new := n.page(n.page(said, n.house.Officer).Link("Take it into the library as a source"), n.house.Officer).Form("/evidence/new")
	if new.Get("partner") != "XA" || new.Get("reliability") != "B" || new.Get("title") != "Our warning about the unit" {
		t.Fatalf("the form begins with %v", new.Values)
	}
	new.Set("marking", "amber")
	date(new, "published", "1", "11", "2026")
	new.Set("source", "Alvania")
	new.Set("says", "It uses it against those who publish.")
	page := n.post(new, n.house.Officer)
	item := page.Status(http.StatusSeeOther).Header.Get("Location")
	n.page(item, n.house.Officer).HasText("main", "What was reported")
	cite := func(item string) {
		n.house.Do(n.house.Officer, assessment.RecordFact{Case: id, ID: node.NewID(), Item: item, Answer: assessment.Answer{Fact: "user.abuse_record", Value: policy.Bool(true), Date: "2026-04-11"}})
	}
	cite(item[len("/evidence/"):])
	n.page(told, n.house.Officer).Count(`input[name="fact"]`, 1) // it is the statement, and was settled

	// What came by another way counts by itself.
	note := node.NewID()
	n.house.Do(n.house.Officer, evidence.Add{
		OnItem: evidence.OnItem{Item: note}, Kind: evidence.Statement, Partner: "XR", Marking: evidence.Amber, Grade: "B2", Published: "2026-11-01",
		Details: evidence.Details{Title: "A note verbale", Source: "Karsovia", Says: "The unit was moved to another ministry."},
	})
	cite(note)
	n.refused(n.house.Officer, decide, "dispatch.telling.unsettled")
	f := n.page(told, n.house.Officer).Count(`input[name="fact"]`, 2).Form(told)
	if f.Get("fact") != "evidence/"+note {
		t.Fatalf("the page begins with %v", f.Values)
	}
	f.Set("standing."+f.Get("fact"), "consented")
	n.post(f, n.house.Officer).Status(http.StatusUnprocessableEntity).HasText(".govuk-error-summary a", "missing")
	settle("consented", "Its embassy, by note of 2 November 2026")
	n.page(told, n.house.Officer).HasText(".card", "by note of 2 November 2026").HasText(".card", "consent on record")
	n.refused(n.house.Officer, decide, "licensing.decision.blocked")
}

// What a recalled statement went into stays and is listed in the receipt with its
// reason, noted by the program where it did it and by a person otherwise; neither
// says which case it was. Afterwards nobody can cite it any more.
func TestWhatStaysIsListedInTheReceipt(t *testing.T) {
	both(t, func(t *testing.T, engine store.Engine, clock *nodetest.Clock) {
		all := community(t, engine, clock, "XA", "XN")
		xn, xa := all["XN"], all["XA"]
		n, id, _ := warned(t, xn, xa, clock)
		officer := n.house.Officer
		said := n.page("/cases/"+id, officer).Link("Our warning about the unit")
		f := n.page(said, officer).NothingChosen("what").Form(said + "/used")
		n.post(f, officer).Status(http.StatusUnprocessableEntity).HasText(".govuk-error-summary a", "Say whether it went into")
		f.Set("what", "decision")
		f.Set("ref", "Minute 12")
		f.Set("why", "It is in the minutes of a committee")
		n.post(f, officer).Redirects(said)
		file := n.post(n.page(said, officer).Form(said+"/save"), officer).Status(http.StatusOK)
		d, err := stix.Read([]byte(file.Body), stix.Limits{})
		if err != nil || !stix.Valid(stix.CheckBundle(d)) || !strings.Contains(file.Body, "Our warning about the unit") {
			t.Fatal("what was saved:", err, file.Body)
		}
		n.page(said, officer).HasText("#handling", "saved as a file of STIX")
		item := node.NewID()
		n.house.Do(officer, evidence.Add{
			OnItem: evidence.OnItem{Item: item}, Kind: evidence.Statement, Leaf: said[len("/exchange/statements/"):], Marking: evidence.Amber, Grade: "B2", Published: "2026-11-01",
			Details: evidence.Details{Title: "What Alvania says", Source: "Alvania", Says: "It is used against those who publish."},
		})
		fact := assessment.RecordFact{Case: id, ID: node.NewID(), Item: item, Answer: assessment.Answer{Fact: "user.abuse_record", Value: policy.Bool(true), Date: "2026-04-11"}}
		n.house.Do(officer, fact)
		n.page(said, officer).HasText("#handling", "minutes of a committee").HasText("#handling", "cited in the assessment of a case").HasText("#handling", "library of the authority")

		out := xa.page("/exchange/out", xa.Contact)
		paper := out.Link("Our warning about the unit")
		recall := xa.page(paper+"/recall", xa.Contact).Form(paper + "/recall")
		recall.Values["from"] = []string{"XN"}
		recall.Set("disposal", "erase")
		recall.Set("why", "It was wrong.")
		xa.post(recall, xa.Contact).Redirects(paper)
		xn.From(xa.Seat)
		n.page(said, officer).LacksText("publish")
		xa.From(xn.Seat)
		xa.page(paper, xa.Contact).HasText("#who", "Norland, 1 in decisions: It is in the minutes of a committee").HasText("#who", "saved as a file of STIX").HasText("#who", "Norland, 1 in decisions: cited in the assessment of a case").
			HasText("#who", "Norland, 1 in exports: noted as a source in the library").LacksText("Minute 12").LacksText(n.house.File(officer, id).Case.Reference)
		fact.ID = node.NewID()
		n.refused(officer, fact, "assessment.invalid")
	})
}

// What somebody published and a collection holds stands behind nothing that is told
// either before it was said whether it does, and on whose consent, however the name
// is written there.
func TestWhatWasImportedIsNotToldWithoutConsent(t *testing.T) {
	both(t, func(t *testing.T, engine store.Engine, clock *nodetest.Clock) {
		all := community(t, engine, clock, "XA", "XN")
		n, id, decide := warned(t, all["XN"], all["XA"], clock)
		told := "/cases/" + id + "/told"
		settle := func(fact, standing, how string) {
			t.Helper()
			f := n.page(told, n.house.Officer).Form(told)
			f.Set("fact", fact)
			f.Set("standing."+fact, standing)
			f.Set("how."+fact, how)
			n.post(f, n.house.Officer).Redirects(told)
		}
		settle(n.page(told, n.house.Officer).Form(told).Get("fact"), "left_out", "")
		user, _ := n.house.File(n.house.Officer, id).Case.App().EndUser()
		collection, file := node.NewID(), node.NewID()
		n.house.Do(n.Contact, dispatch.OpenCollection{Collection: collection, Title: "Research"})
		spelled := strings.ToUpper(strings.ReplaceAll(user.Name(), " ", "-"))
		bundle := strings.Replace(labBundle, `"name":"Halden Signals"`, `"name":"`+spelled+`","description":"Its cameras were counted at the doors of forty polling stations."`, 1)
		if _, err := n.App.TakeFile(t.Context(), n.Contact, node.TakeFile{Import: file, Collection: collection, Name: "lab.json", Bytes: []byte(bundle), From: lab}); err != nil {
			t.Fatal(err)
		}
		n.refused(n.house.Officer, decide, "dispatch.telling.unsettled")
		ask := n.page("/cases/"+id+"?ask", n.house.Officer).Form("/cases/" + id + "/questions")
		ask.Set("questions", "Were your cameras counted at the doors of forty polling stations?")
		n.post(ask, n.house.Officer).Status(http.StatusConflict).HasText(".govuk-error-summary", "repeats the words of what A laboratory told us")
		fact := string(node.ImportStream(file))
		n.page(told, n.house.Officer).HasText(".card", "A laboratory").HasText(".card", "not said yet").HasText(".card .tlp", "TLP:AMBER+STRICT")
		settle(fact, "rests", "")
		n.refused(n.house.Officer, decide, "dispatch.telling.consent")
		settle(fact, "consented", "Published under CC-BY-4.0; its author agreed by letter of 2 November.")
		n.page(told, n.house.Officer).HasText(".card", "its author agreed by letter")
		n.house.Do(n.house.Officer, decide)
	})
}

// Words of another state go out about no case either: not in an enforcement file
// to its exporter, and not in the note of published figures.
func TestOthersWordsGoOutNowhere(t *testing.T) {
	both(t, func(t *testing.T, engine store.Engine, clock *nodetest.Clock) {
		all := community(t, engine, clock, "XA", "XN")
		xn, xa := all["XN"], all["XA"]
		h := nodetest.Staff(t, xn.App)
		xa.Issue(nodetest.Said(clock.Now(), "Our warning about the unit", "Unit of Karsovia", "XN"))
		xn.From(xa.Seat)
		n := seat{xn.Seat, h, xn.site}
		keeper := nodetest.Person(t, xn.App, h.Authority, "keeper", access.EnforcementOfficer)
		h.Do(access.System(), account.ChangeRoles{ID: keeper.Account, Roles: keeper.Roles, Compartments: []string{enforcement.Compartment}, Reason: "Works on enforcement."})
		keeper.Compartments = []string{enforcement.Compartment}
		on := enforcement.OnMatter{Matter: node.NewID()}
		h.Do(keeper, enforcement.Open{OnMatter: on, Kind: enforcement.Breach, Org: h.Firm, Words: enforcement.Words{Title: "A diversion", What: "Units were found elsewhere."}})
		const theirs = "It was found that THE UNIT uses the tool against people who publish, and more."
		n.refused(keeper, enforcement.Ask{OnMatter: on, ID: "q1", Text: theirs, Due: "2027-01-10"}, "dispatch.telling.others_words")
		n.refused(keeper, enforcement.Propose{OnMatter: on, ID: "d1", Outcome: enforcement.Warning, Why: "Why.", Told: theirs}, "dispatch.telling.others_words")
		h.Do(keeper, enforcement.Note{OnMatter: on, Text: theirs}) // stays inside
		h.Do(keeper, enforcement.Ask{OnMatter: on, ID: "q1", Text: "Who has the units now?", Due: "2027-01-10"})
		n.refused(nodetest.Person(t, xn.App, h.Authority, "publisher", access.PolicyEditor, access.SeniorOfficer), node.PublishStatistics{Year: 2026, Note: theirs}, "dispatch.telling.others_words")
	})
}
