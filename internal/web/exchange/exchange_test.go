package exchange_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/comity-project/comity/content"
	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/dispatch"
	"github.com/comity-project/comity/internal/evidence"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui/uitest"
	"github.com/comity-project/comity/statement/stix"
)

// seat is one state's node with its site.
type seat struct {
	*nodetest.Seat
	house *nodetest.House
	site  http.Handler
}

func community(t *testing.T, engine store.Engine, clock *nodetest.Clock, states ...string) map[string]seat {
	t.Helper()
	cat, err := lang.Load(content.FS)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]seat{}
	for _, s := range nodetest.Community(t, engine, clock, states...) {
		d := door.New(s.App)
		d.States = map[string]string{"XR": "Karsovia", "XA": "Alvania", "XN": "Norland"}
		site, err := web.Site(d, web.Options{Catalogue: cat})
		if err != nil {
			t.Fatal(err)
		}
		out[s.App.Config().State] = seat{s, &nodetest.House{T: t, App: s.App}, site}
	}
	return out
}

func both(t *testing.T, f func(t *testing.T, engine store.Engine, clock *nodetest.Clock)) {
	for _, engine := range []store.Engine{store.SQLite, store.Postgres} {
		t.Run(string(engine), func(t *testing.T) { f(t, engine, nodetest.NewClock()) })
	}
}

// page asks for a page: sound, fully worded, and within its statements.
func (s seat) page(path string, who access.Actor) *uitest.Answer {
	s.T.Helper()
	n := 0
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r = r.WithContext(store.CountStatements(r.Context(), &n))
	a := uitest.Ask(s.T, s.site, r, s.house.SignIn(who)).Status(http.StatusOK)
	a.Sound()
	if n > 10 {
		s.T.Errorf("%s takes %d statements", path, n)
	}
	return a
}

func (s seat) post(f uitest.Form, who access.Actor) *uitest.Answer {
	s.T.Helper()
	return uitest.Post(s.T, s.site, f, s.house.SignIn(who))
}

func date(f uitest.Form, name, day, month, year string) {
	f.Set(name+".day", day)
	f.Set(name+".month", month)
	f.Set(name+".year", year)
}

// draft writes a paper by its form and gives its address.
func (s seat) draft(from string, fill func(f uitest.Form)) string {
	s.T.Helper()
	path, _, _ := strings.Cut(from, "?")
	f := s.page(from, s.Contact).Form(path)
	f.Set("title", "A police unit reads the telephones of reporters")
	f.Set("text", "A unit of the interior ministry opens telephones without a judge.")
	f.Set("purposes", "licensing")
	if strings.Contains(path, "report") {
		f.Set("report_kind", "threat")
		f.Set("user.1.name", "Special Telecommunications Unit")
		f.Set("user.1.country", "XR")
		f.Set("user.1.kind", "police")
		f.Set("abuses", "interference-with-privacy")
		f.Set("likelihood", "likely")
		f.Set("evidence", "corroborated")
		f.Set("admiralty", "B2")
	}
	fill(f)
	id := f.Get("id")
	s.post(f, s.Contact).Redirects("/exchange/papers/" + id)
	return "/exchange/papers/" + id
}

// issue has a draft checked for harm by the adviser and issues it, by its pages.
func (s seat) issue(paper string) {
	s.T.Helper()
	s.check(paper)
	s.post(s.page(paper+"/issue", s.Contact).Form(paper+"/issue"), s.Contact).Redirects(paper)
}

func (s seat) check(paper string) {
	s.T.Helper()
	f := s.page(paper+"/check", s.Adviser).NothingChosen("consent").Form(paper + "/check")
	f.Set("consent", "given")
	f.Set("coarse", "yes")
	s.post(f, s.Adviser).Redirects(paper)
}

// only gives the address of the one statement that an inbox shows under a title.
func (s seat) only(title string) string {
	s.T.Helper()
	return s.page("/exchange", s.Contact).Link(title)
}

const summaryText = "Two men who repaired the machines told us that the unit copies every telephone at the gate of the ministry."

// C3-1: a reviewed summary becomes a threat report; receiving states see that it
// rests on a reviewed report and how it is graded, and neither its text, its
// language nor who spoke.
func TestC3_1ASummaryGoesOutWithoutItsSource(t *testing.T) {
	both(t, func(t *testing.T, engine store.Engine, clock *nodetest.Clock) {
		all := community(t, engine, clock, "XA", "XN", "XR")
		xn, xa := all["XN"], all["XA"]
		item := node.NewID()
		xn.Do(xn.Adviser, evidence.Add{
			OnItem: evidence.OnItem{Item: item}, Kind: evidence.Summary, Asked: "organisations", Reviewed: true, Marking: evidence.Amber, Grade: "B2", Published: "2026-11-01", Country: "XR",
			Details: evidence.Details{Title: "Two technicians on the gate", Says: summaryText},
		})
		both := nodetest.Person(t, xn.App, xn.Authority, "two", access.PointOfContact, access.LicensingOfficer)
		xn.Contact = both
		from := xn.page("/evidence/"+item, both).Link("Report it to other states")
		f := xn.page(from, both).HasText(".inset", "nothing of its text").LacksText("technicians").Form("/exchange/new/report")
		if f.Get("admiralty") != "B2" || f.Get("origin") != "reviewed-report" || f.Get("text") != "" {
			t.Errorf("the form begins with %v", f.Values)
		}
		// The words of the summary are refused.
		f.Set("title", "Telephones are copied")
		f.Set("text", "We hear: "+strings.ToUpper(summaryText))
		bad := xn.post(f, both).Status(http.StatusUnprocessableEntity)
		bad.HasText(".govuk-error-summary a", "repeats the words of the reviewed report")
		paper := xn.draft(from, func(f uitest.Form) {
			f.Set("audience", "XA")
			f.Set("origin", "reviewed-report")
		})
		xn.page(paper, both).HasText("#who", "Alvania, from this node itself").HasText("#who", "Left out, and not told so: Karsovia.").HasText("#who", "second person has to look first")
		xn.issue(paper)
		xn.page(paper, both).HasText("#who", "Has it: Alvania.")
		if got := xa.From(xn.Seat); len(got) != 2 {
			t.Fatalf("%+v", got)
		}
		if got := all["XR"].From(xn.Seat); got != nil {
			t.Fatalf("Karsovia got %+v", got)
		}
		page := xa.page(xa.only("A police unit reads"), xa.Contact)
		page.HasText("#says", "B2").HasText("#says", "opens telephones without a judge").HasText("h1", "A police unit").HasText(".handling", "TLP:AMBER").HasText(".handling", "For licensing alone.").HasText("#handling", "Origin: reviewed report.")
		out, _, err := xn.App.Outgoing(context.Background(), "XA", 0, 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range out {
			for _, secret := range []string{"technicians", "repaired", "organisations", "civil"} {
				if strings.Contains(string(o.Envelope), secret) {
					t.Errorf("%s goes out with %q", o.Leaf, secret)
				}
			}
		}
	})
}

// A draft for two says who could have it through whom.
func TestHops(t *testing.T) {
	xn := community(t, store.SQLite, nodetest.NewClock(), "XA", "XN", "XR")["XN"]
	draft := func(tlp string) *uitest.Answer {
		return xn.page(xn.draft("/exchange/new/report", func(f uitest.Form) {
			f.Values["audience"] = []string{"XA", "XR"}
			f.Set("tlp", tlp)
		}), xn.Contact)
	}
	draft("amber").HasText("#who", "Alvania, from this node itself; where that can't be reached, through Karsovia").HasText("#who", "for that version and that state")
	draft("red").HasText("#who", "Alvania, from this node itself").HasText("#who", "nobody hands it on")
}

// C3-2: after 180 days without a word the point of contact's page says so, and
// "nothing to report" is recorded.
func TestC3_2SilenceIsNoticed(t *testing.T) {
	clock := nodetest.NewClock()
	xn := community(t, store.SQLite, clock, "XA", "XN")["XN"]
	xn.draft("/exchange/new/report", func(f uitest.Form) { f.Set("audience", "XA") })
	xn.page("/exchange", xn.Contact).HasText(".banner", "Nothing was ever shared")
	xn.post(xn.page("/exchange", xn.Contact).Form("/exchange/nothing"), xn.Contact).Redirects("/exchange")
	xn.page("/exchange", xn.Contact).LacksText("Nothing was ever shared")
	clock.Move(181 * 24 * time.Hour)
	xn.house = &nodetest.House{T: t, App: xn.App}
	xn.page("/exchange", xn.Contact).HasText(".banner", "Nothing shared for 180 days")
	xn.page("/exchange", xn.Auditor).LacksText("Write a report")
}

// A2a-1: procedure 1.2 forbids passing on without consent: it is refused with the
// paragraph, and the request for consent is offered; with consent it goes.
// A2a-4: past its review day the procedure works, and its page says so.
func TestA2a_1And4OnlyWithConsent(t *testing.T) {
	both(t, func(t *testing.T, engine store.Engine, clock *nodetest.Clock) {
		all := community(t, engine, clock, "XA", "XN", "XR")
		xn, xa := all["XN"], all["XA"]
		object := xn.procedure("XA", "XR")
		xa.From(xn.Seat)
		procedure := xa.only("Exchange on end users")
		page := xa.page(procedure, xa.Contact)
		xa.post(page.Form(procedure+"/word"), xa.Contact).Redirects(procedure)
		xn.From(xa.Seat)
		clock.Move(40 * 24 * time.Hour) // its review day has passed
		for k := range all {
			s := all[k]
			s.house = &nodetest.House{T: t, App: s.App}
			all[k] = s
		}
		xn, xa = all["XN"], all["XA"]
		paper := xn.draft("/exchange/new/report", func(f uitest.Form) {
			f.Set("audience", "XA")
			f.Set("procedure", object)
		})
		xn.issue(paper)
		xa.From(xn.Seat)
		xa.page(xa.only("Exchange on end users"), xa.Contact).HasText(".banner", "Review overdue since 1 December 2026")
		said := xa.only("A police unit reads")
		forward := xa.page(xa.page(said, xa.Contact).HasText("#handling", "Shared under procedure 1.2").Link("Pass on as a report"), xa.Contact)
		_ = forward
		onward := xa.draft("/exchange/new/report?leaf="+strings.TrimPrefix(said, "/exchange/statements/"), func(f uitest.Form) { f.Set("audience", "XR") })
		xa.check(onward)
		refused := xa.page(onward, xa.Contact).HasText("#who", "Procedure 1.2, paragraph 3.1, does not allow passing this on without consent: Nothing is passed on without consent.")
		xa.post(xa.page(onward+"/issue", xa.Contact).Form(onward+"/issue"), xa.Contact).Status(http.StatusConflict)
		ask := refused.Form(said + "/word")
		if ask.Get("word") != "consent-asked" {
			t.Fatalf("offered: %v", ask.Values)
		}
		xa.post(ask, xa.Contact).Redirects(said)
		xn.From(xa.Seat)
		question := xn.only("Asks whether it may pass this on")
		xn.post(xn.page(question, xn.Contact).Form(question+"/word"), xn.Contact).Redirects(question)
		xa.From(xn.Seat)
		xa.post(xa.page(onward+"/issue", xa.Contact).Form(onward+"/issue"), xa.Contact).Redirects(onward)
	})
}

// procedure issues procedure 1.2 and gives its STIX id.
func (s seat) procedure(audience ...string) string {
	s.T.Helper()
	paper := s.draft("/exchange/new/procedure", func(f uitest.Form) {
		f.Set("title", "Exchange on end users")
		f.Set("number", "1.2")
		f.Set("status", "agreed")
		f.Set("onward", "consent")
		f.Set("lowest_tlp", "amber")
		f.Set("procedure_purposes", "licensing")
		date(f, "procedure_review", "1", "12", "2026")
		f.Set("paragraphs", "1 What is known of end users is told.\n3.1 Nothing is passed on without consent. [onward]")
		f.Values["audience"] = audience
	})
	s.issue(paper)
	all, err := s.App.Procedures(context.Background(), s.Contact)
	if err != nil || len(all) != 1 {
		s.T.Fatal(all, err)
	}
	for id := range all {
		return id
	}
	return ""
}

// A2a-2: a state that has not accepted the procedure gets no content, and learns
// that something exists only where the originator allows it.
func TestA2a_2WhoHasNotAcceptedGetsNothing(t *testing.T) {
	clock := nodetest.NewClock()
	all := community(t, store.SQLite, clock, "XA", "XN", "XR")
	xn, xa, xr := all["XN"], all["XA"], all["XR"]
	object := xn.procedure("XA", "XR")
	for _, s := range []seat{xa, xr} {
		s.From(xn.Seat)
	}
	procedure := xa.only("Exchange on end users")
	page := xa.page(procedure, xa.Contact)
	xa.post(page.Form(procedure+"/word"), xa.Contact).Redirects(procedure)
	xn.From(xa.Seat)
	for _, notice := range []string{"", "yes"} {
		paper := xn.draft("/exchange/new/report", func(f uitest.Form) {
			f.Values["audience"] = []string{"XA", "XR"}
			f.Set("procedure", object)
			f.Set("notice", notice)
		})
		xn.check(paper)
		xn.page(paper, xn.Contact).HasText("#who", "Gets nothing, because it has not accepted the procedure: Karsovia.")
		xn.post(xn.page(paper+"/issue", xn.Contact).Form(paper+"/issue"), xn.Contact).Redirects(paper)
		xa.From(xn.Seat)
		got := xr.From(xn.Seat)
		inbox := xr.page("/exchange", xr.Contact).LacksText("A police unit")
		if notice == "" {
			if kept := news(got); kept != 0 {
				t.Errorf("Karsovia got %+v", got)
			}
			continue
		}
		inbox.HasText("tbody th", "Something was shared under a procedure that we have not accepted")
	}
	xa.page("/exchange", xa.Contact).HasText("tbody th", "A police unit")
}

func news(out []node.Outcome) (n int) {
	for _, o := range out {
		if o.Kept {
			n++
		}
	}
	return n
}

// A2a-3: a request that is declined is closed without a reason and counts as
// answered.
func TestA2a_3DeclinedIsAnAnswer(t *testing.T) {
	clock := nodetest.NewClock()
	all := community(t, store.SQLite, clock, "XA", "XN")
	xn, xa := all["XN"], all["XA"]
	paper := xn.draft("/exchange/new/request", func(f uitest.Form) {
		f.Set("title", "Who maintains the gate?")
		f.Set("audience", "XA")
		date(f, "due", "1", "12", "2026")
	})
	xn.issue(paper)
	xa.From(xn.Seat)
	said := xa.only("Who maintains the gate?")
	f := xa.page(said, xa.Contact).Form(said + "/word")
	if f.Get("word") != "declined" {
		t.Fatalf("offered: %v", f.Values)
	}
	xa.post(f, xa.Contact).Redirects(said)
	xn.From(xa.Seat)
	xn.page(paper, xn.Contact).HasText("#answers", "1 of 1 states have answered").HasText("#answers", "Declined")
}

// C3-3: a partner's alert on an end user raises a task on the case that names it
// the same day, appears on its page, and the partner is told "considered" when
// all is looked at, and nothing more.
func TestC3_3AnAlertRaisesATaskTheSameDay(t *testing.T) {
	both(t, func(t *testing.T, engine store.Engine, clock *nodetest.Clock) {
		all := community(t, engine, clock, "XA", "XN")
		xn, xa := all["XN"], all["XA"]
		h := nodetest.Staff(t, xn.App)
		in := nodetest.Example(t, "01")
		app := h.Application(in)
		c := h.Submit(app)
		user := ""
		for _, p := range app.Parties {
			if p.Uses() {
				user = p.Name()
			}
		}
		ref := h.File(h.Officer, c).Case.Reference
		xa.Issue(nodetest.Said(clock.Now(), "Our warning about the unit", user, "XN"))
		xn.From(xa.Seat)
		xn.App.Runner().Drain(context.Background())
		n := seat{xn.Seat, h, xn.site}
		n.page("/work", h.Officer).HasText("#duties", "Another state’s alert touches "+ref).HasText("#duties", "due 9 November 2026")
		page := n.page("/cases/"+c, h.Officer).HasText("#reported", "Our warning about the unit").HasText("#reported", "Alvania")
		said := page.Link("Our warning about the unit")

		// What a file says of the same name stands beside it; what is for named
		// people is shut to others.
		collection := node.NewID()
		h.Do(xn.Contact, dispatch.OpenCollection{Collection: collection, Title: "Research"})
		file := strings.Replace(strings.Replace(labBundle, "Halden Signals", user, 1), `"name"`, `"object_marking_refs":["`+stix.Red.ID()+`"],"name"`, 1)
		if _, err := xn.App.TakeFile(t.Context(), xn.Contact, node.TakeFile{Import: node.NewID(), Collection: collection, Name: "lab.json", Bytes: []byte(file), From: lab}); err != nil {
			t.Fatal(err)
		}
		n.page("/cases/"+c, h.Officer).HasText("#reported", "Our warning about the unit").HasText("#reported .published", "A laboratory").HasText("#reported .published", "TLP:RED").HasText("#reported .published", "For the point of contact in person")
		f := n.page(said, h.Officer).HasText("#alert", ref).Form(said + "/considered")
		f.Set("finding."+c, "same")
		f.Set("why."+c, "The same address.")
		n.post(f, h.Officer).Redirects(said)
		xn.App.Runner().Drain(context.Background())
		n.page("/work", h.Officer).HasText("#duties", "What somebody published touches "+ref).LacksText("Another state’s alert")
		if got := news(xa.From(xn.Seat)); got != 1 {
			t.Fatalf("Alvania got %d", got)
		}
		xa.page("/exchange", xa.Contact).HasText("tbody th", "Considered")
		answer := xa.page(xa.only("Considered"), xa.Contact)
		answer.HasText("#says", "considered").LacksText(ref)
	})
}
