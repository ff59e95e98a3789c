package evidence_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/comity-project/comity/content"
	"github.com/comity-project/comity/e2e/browser"
	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/evidence"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/party"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui/uitest"
	"github.com/comity-project/comity/policy"
)

// desk is a house with its site.
type desk struct {
	*nodetest.House
	site http.Handler
}

func newDesk(t *testing.T, app *node.App) desk {
	t.Helper()
	cat, err := lang.Load(content.FS)
	if err != nil {
		t.Fatal(err)
	}
	d := door.New(app)
	d.States = map[string]string{"XR": "Karsovia", "XA": "Alvania", "XN": "Norland"}
	site, err := web.Site(d, web.Options{Catalogue: cat})
	if err != nil {
		t.Fatal(err)
	}
	return desk{nodetest.Staff(t, app), site}
}

// page asks for a page: sound, fully worded, and within its statements.
func (d desk) page(path string, who access.Actor) *uitest.Answer {
	d.T.Helper()
	n := 0
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r = r.WithContext(store.CountStatements(r.Context(), &n))
	a := uitest.Ask(d.T, d.site, r, d.SignIn(who)).Status(http.StatusOK)
	a.Sound()
	if n > 10 {
		d.T.Errorf("%s takes %d statements", path, n)
	}
	if i := strings.Index(a.Body, ">["); i >= 0 {
		d.T.Errorf("%s says a key: %q", path, a.Body[i:min(i+80, len(a.Body))])
	}
	return a
}

func (d desk) post(f uitest.Form, who access.Actor) *uitest.Answer {
	d.T.Helper()
	return uitest.Post(d.T, d.site, f, d.SignIn(who))
}

func date(f uitest.Form, name, day, month, year string) {
	f.Set(name+".day", day)
	f.Set(name+".month", month)
	f.Set(name+".year", year)
}

// A source comes in by its form, is found, changed and withdrawn with a reason,
// and its page lists what rests on it.
func TestALibraryIsKeptOnItsPages(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		d := newDesk(t, app)
		d.page("/evidence", d.Officer).HasText("h2", "No source yet")
		f := d.page("/evidence/new", d.Adviser).NothingChosen("reliability", "marking").Form("/evidence/new")
		f.Set("title", "Visit to Karsovia")
		f.Set("says", "Phones were read at two assemblies.")
		bad := d.post(f, d.Adviser).Status(http.StatusUnprocessableEntity)
		bad.HasText(".govuk-error-summary a", "Say who says so.").HasText(".govuk-error-summary a", "Choose both halves of the grade.")
		bad.HasText(".govuk-error-summary a", "Give the day on which it was said.").HasText("textarea", "Phones were read")
		f = bad.Form("/evidence/new")
		f.Set("source", "UN special procedure")
		f.Set("reliability", "B")
		f.Set("credibility", "2")
		f.Set("marking", "red")
		f.Set("country", "XR")
		date(f, "published", "11", "4", "2026")
		f = d.post(f, d.Adviser).Status(http.StatusUnprocessableEntity).HasText(".govuk-error-summary a", "must lie in a compartment").Form("/evidence/new")
		f.Set("marking", "amber")
		id := f.Get("id")
		d.post(f, d.Adviser).Redirects("/evidence/" + id)

		d.page("/evidence?q=assemblies", d.Officer).HasText("td", "B2").HasText("tbody", "Karsovia")
		d.page("/evidence?country=XA", d.Officer).HasText("h2", "Nothing like this")
		page := d.page("/evidence/"+id, d.Officer).HasText("#resting", "Nothing that you may read rests on it.").HasText(".facts", "probably so")
		page.Link("Give it another grade")
		regrade := d.page("/evidence/"+id+"/regrade", d.Officer).Form("/evidence/" + id + "/regrade")
		regrade.Set("reliability", "C")
		regrade.Set("credibility", "3")
		d.post(regrade, d.Officer).Status(http.StatusUnprocessableEntity).HasText(".govuk-error-summary a", "Give a reason.")
		regrade.Set("reason", "Two details were wrong.")
		d.post(regrade, d.Officer).Redirects("/evidence/" + id)
		d.page("/evidence/"+id, d.Officer).HasText("#past li", "Grade was B2")
		translate := d.page("/evidence/"+id+"/translate", d.Officer).Form("/evidence/" + id + "/translate")
		translate.Set("language", "fr")
		translate.Set("text", "Des téléphones ont été lus.")
		d.post(translate, d.Officer).Redirects("/evidence/" + id)
		d.page("/evidence/"+id, d.Officer).HasText("#says", "Not an official translation")
		d.page("/evidence/"+id, d.Auditor).LacksText("Withdraw it")

		in := nodetest.Example(t, "01")
		c := d.Submit(d.Application(in))
		d.Settle(c, in)
		d.Do(d.Officer, assessment.RecordFact{Case: c, ID: node.NewID(), Item: id, Answer: assessment.Answer{Fact: "user.abuse_record", Value: policy.Bool(true), Date: "2026-04-11"}})
		d.page("/evidence/"+id, d.Officer).HasText("#resting", "user.abuse_record").HasText("#resting", "fact stands")
		d.Do(access.System(), licensing.MoveCompartment{On: licensing.On{Case: c}, Compartment: "sealed", Why: "A source at risk."})
		d.page("/evidence/"+id, d.Officer).HasText("#resting", "Nothing that you may read rests on it.")

		withdraw := d.page("/evidence/"+id+"/withdraw", d.Officer).Form("/evidence/" + id + "/withdraw")
		withdraw.Set("reason", "The author took it back.")
		d.post(withdraw, d.Officer).Redirects("/evidence/" + id)
		d.page("/evidence/"+id, d.Officer).HasText(".banner", "nothing may rest on it").LacksText("Give it another grade")
		d.page("/evidence?state=withdrawn", d.Officer).HasText("td", "withdrawn")
		for _, who := range []access.Actor{d.Applicant, d.Customs} {
			uitest.Get(t, d.site, "/evidence/"+id, d.SignIn(who)).Status(http.StatusNotFound)
			uitest.Get(t, d.site, "/evidence", d.SignIn(who)).Status(http.StatusNotFound)
			uitest.Get(t, d.site, "/briefs", d.SignIn(who)).Status(http.StatusNotFound)
		}
	})
}

// A list of more than a page is walked by its keyset.
func TestTheLibraryIsPaged(t *testing.T) {
	app := nodetest.Open(t, store.SQLite, nodetest.NewClock())
	d := newDesk(t, app)
	for range 51 {
		add(d, nil)
	}
	first := d.page("/evidence", d.Officer).Count("tbody tr", 50)
	d.page(first.Link("Next"), d.Officer).Count("tbody tr", 1)
}

func add(d desk, change func(*evidence.Add)) string {
	d.T.Helper()
	c := evidence.Add{
		OnItem: evidence.OnItem{Item: node.NewID()}, Country: "XR", Marking: evidence.Amber, Grade: "B2", Published: "2026-04-11", Language: "en",
		Details: evidence.Details{Title: "Visit to Karsovia", Source: "UN special procedure", Says: "Phones were read at two assemblies."},
	}
	if change != nil {
		change(&c)
	}
	d.Do(d.Adviser, c)
	return c.Item
}

// A brief on a destination is begun, written on sources, holds the law part by
// part with paper apart from practice, shows figures with their age, and says
// when it is overdue.
func TestABriefOnADestination(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		d := newDesk(t, app)
		item := add(d, nil)
		f := d.page("/briefs/new", d.Adviser).Form("/briefs/new")
		f.Set("subject", "XR")
		f.Set("marking", "amber")
		date(f, "review_by", "1", "12", "2026")
		id := f.Get("id")
		d.post(f, d.Adviser).Redirects("/briefs/" + id)
		again := d.page("/briefs/new", d.Adviser).Form("/briefs/new")
		again.Set("subject", "XR")
		again.Set("marking", "amber")
		date(again, "review_by", "1", "12", "2026")
		d.post(again, d.Adviser).Status(http.StatusConflict).HasText(".govuk-error-summary a", "There is a brief on this already.")

		page := d.page("/briefs/"+id, d.Officer).HasText("#section-situation", "unknown, not fine").HasText("#law-judge", "unknown")
		page.HasText("#figures", "they decide nothing by themselves").HasText("#figures svg title", "physical violence")
		w := d.page("/briefs/"+id+"/section-situation", d.Adviser).Form("/briefs/" + id + "/section-situation")
		w.Set("text", "Assemblies are watched.")
		w.Values["items"] = []string{item}
		d.post(w, d.Adviser).Redirects("/briefs/" + id + "#section-situation")
		d.page("/briefs/"+id, d.Officer).HasText("#section-situation", "Visit to Karsovia")

		law := d.page("/briefs/"+id+"/law-judge", d.Adviser).Form("/briefs/" + id + "/law-judge")
		law.Set("paper", "yes")
		d.post(law, d.Adviser).Status(http.StatusUnprocessableEntity).HasText(".govuk-error-summary a", "an answer alone can't be checked")
		law.Set("paper_text", "A judge decides first.")
		law.Set("paper_source", "Surveillance Act 2026 s. 3")
		date(law, "paper_date", "1", "10", "2026")
		d.post(law, d.Adviser).Redirects("/briefs/" + id + "#law-judge")
		d.page("/briefs/"+id, d.Officer).HasText("#law-judge", "A judge decides first.").HasText("#law-judge", "not checked against the text").HasText("#law-judge .sign", "unknown")
		law.Set("practice", "no")
		d.page("/briefs/"+id+"/law-judge", d.Adviser).HasText("textarea", "A judge decides first.")

		clock.Move(40 * 24 * time.Hour) // past every session: others sign in anew
		d.page("/briefs?overdue=yes", d.Second).HasText("td", "overdue since 1 December 2026")
		review := d.page("/briefs/"+id+"/review", d.Second).Form("/briefs/" + id + "/review")
		review.Set("note", "Read through; the act is new.")
		date(review, "next", "1", "6", "2027")
		d.post(review, d.Second).Redirects("/briefs/" + id + "#review")
		d.page("/briefs?overdue=yes", d.Second).HasText("h2", "No brief")

		d.Do(d.Adviser, evidence.Withdraw{OnItem: evidence.OnItem{Item: item}, Reason: "The author took it back."})
		d.page("/briefs/"+id, d.Second).HasText(".banner", "One source of this brief no longer stands").HasText("#section-situation", "withdrawn")
		d.page("/evidence/"+item, d.Second).HasText("#resting a", "Brief on Karsovia")
	})
}

// A brief on an end user shows its own history with us.
func TestABriefOnAnEndUser(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		d := newDesk(t, app)
		c, entry := registered(d)
		f := d.page("/briefs/new?party="+entry, d.Adviser).Form("/briefs/new")
		f.Set("marking", "amber")
		date(f, "review_by", "1", "12", "2026")
		id := f.Get("id")
		d.post(f, d.Adviser).Redirects("/briefs/" + id)
		page := d.page("/briefs/"+id, d.Officer).HasText("h1", "Министерство внутренних дел Карсовии").HasText("#register", "Names").HasText("#assurances", "not checked")
		page.HasText("#cases", d.File(d.Officer, c).Case.Reference)
		page.HasText("#cases td", "Особый отдел МВД Карсовии").HasText("#cases td", "Record of abuse").HasText("#assurances td", "Особый отдел МВД Карсовии")
		d.Do(access.System(), licensing.MoveCompartment{On: licensing.On{Case: c}, Compartment: "sealed", Why: "A source at risk."})
		d.page("/briefs/"+id, d.Officer).HasText("#cases", "No case that you may read.").HasText("#owners", "unknown").HasText("#assurances", "No assurance")
	})
}

// registered is the first example with its end user on the register.
func registered(d desk) (id, entry string) {
	d.T.Helper()
	in := nodetest.Example(d.T, "01")
	id = d.Submit(d.Application(in))
	d.Settle(id, in)
	for _, p := range d.File(d.Officer, id).Case.App().Parties {
		if p.Uses() {
			entry = node.NewID()
			d.Do(d.Officer, party.Register{On: party.On{Entry: entry}, Party: p, Source: "case/" + id})
			d.Do(access.System(), licensing.LinkParty{On: licensing.On{Case: id}, Party: p.ID, Register: entry})
			return id, entry
		}
	}
	d.T.Fatal("the example has no end user")
	return "", ""
}

// The portfolio counts what the reader may see, on a map of tiles with its table.
func TestThePortfolioCountsWhatTheReaderMaySee(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		d := newDesk(t, app)
		d.page("/portfolio", d.Officer).HasText("h2", "No case yet")
		in := nodetest.Example(t, "01")
		d.Submit(d.Application(in))
		sealed := d.Submit(d.Application(in))
		page := d.page("/portfolio", d.Officer).HasText("#map svg desc", "2 cases to 1 destinations").HasText("#map figcaption", "imply no opinion on the legal status")
		page.HasText("#destinations th", "Karsovia").HasText("#severity svg title", "Cases by severity")
		d.Do(access.System(), licensing.MoveCompartment{On: licensing.On{Case: sealed}, Compartment: "sealed", Why: "A source at risk."})
		d.page("/portfolio", d.Officer).HasText("#map svg desc", "1 cases to 1 destinations")
		uitest.Get(t, d.site, "/portfolio", d.SignIn(d.Applicant)).Status(http.StatusNotFound)
	})
}

// TestInBrowser looks at the pages wide, narrow and dark, with axe-core.
func TestInBrowser(t *testing.T) {
	app := nodetest.Open(t, store.SQLite, nodetest.NewClock())
	d := newDesk(t, app)
	item := add(d, nil)
	add(d, func(c *evidence.Add) {
		c.Details.Title, c.Grade, c.Marking, c.Expires = "تقرير عن قانون المراقبة", "C3", evidence.Green, "2026-06-01"
	})
	_, entry := registered(d)
	destination, user := node.NewID(), node.NewID()
	for id, c := range map[string]evidence.Open{destination: {About: evidence.Destination, Subject: "XR"}, user: {About: evidence.EndUser, Subject: entry}} {
		c.OnBrief, c.Marking, c.ReviewBy = evidence.OnBrief{Brief: id}, evidence.Amber, "2027-01-01"
		d.Do(d.Adviser, c)
	}
	on := evidence.OnBrief{Brief: destination}
	d.Do(d.Adviser, evidence.Write{OnBrief: on, Section: "situation", Text: "Assemblies are watched; organisers are summoned afterwards.", Items: []string{item}})
	d.Do(d.Adviser, evidence.SetLaw{OnBrief: on, Part: evidence.Judge, Items: []string{item}, Safeguard: evidence.Safeguard{
		Paper: evidence.Yes, Date: "2026-10-01", Practice: evidence.No, PracticeDate: "2026-10-20", Verified: true,
		Words: evidence.LawWords{Provision: "Surveillance Act 2026 s. 3", Text: "A judge decides before each measure.", Practice: "No court has kept a register.", Source: "embassy"},
	}})
	d.Do(d.Adviser, evidence.SetLaw{OnBrief: on, Part: evidence.Oversight, Safeguard: evidence.Safeguard{
		Paper: evidence.Yes, Date: "2026-10-01", Words: evidence.LawWords{Provision: "Surveillance Act 2026 s. 31", Text: "A committee may ask for reports."},
	}})
	if err := app.ReloadEngines(context.Background()); err != nil {
		t.Fatal(err)
	}
	question := node.NewID()
	d.Do(d.Adviser, evidence.Ask{
		OnQuestion: evidence.OnQuestion{Question: question}, Of: evidence.Embassy, Words: evidence.Asking{Whom: "Embassy in Karsovia", Text: "Which unit of the ministry would run the vehicles, and what is its record?"},
		Country: "XR", Party: entry, Marking: evidence.Amber, Due: "2026-11-20",
	})
	d.Do(d.Adviser, evidence.Hold{OnQuestion: evidence.OnQuestion{Question: question}, Note: "The ministry was asked.", Due: "2026-12-01"})
	d.SignIn(d.Adviser)
	server := httptest.NewServer(d.site)
	t.Cleanup(server.Close)
	pictures := browser.Pictures(t)
	v := browser.Start(t).Visitor(t)
	v.Open(server.URL + "/sign-in")
	v.Fill("Sign-in name", "adviser")
	v.Fill("Password", nodetest.Password)
	v.Press("Sign in")
	v.Forgive()
	for name, path := range map[string]string{
		"questions": "/questions", "question": "/questions/" + question, "question-new": "/questions/new", "question-answer": "/questions/" + question + "/answer",
		"portfolio": "/portfolio", "library": "/evidence", "item": "/evidence/" + item, "new": "/evidence/new", "briefs": "/briefs", "brief": "/briefs/" + destination,
		"brief-user": "/briefs/" + user, "brief-law": "/briefs/" + destination + "/law-judge", "brief-section": "/briefs/" + destination + "/section-situation",
	} {
		v.Open(server.URL + path)
		v.Size(1280, 900)
		v.Screenshot(filepath.Join(pictures, "evidence-"+name+".png"))
		v.Accessible()
		v.Size(360, 740)
		v.NoSidewaysScroll()
		v.Screenshot(filepath.Join(pictures, "evidence-"+name+"-phone.png"))
		v.Size(1280, 900)
		v.Dark(true)
		v.Accessible()
		v.Dark(false)
	}
}

// What has to be looked at again stands on the list of whoever has to do it: a brief
// on every adviser's, a source on its adder's. Before it is near, and once it is done,
// nothing does.
func TestReviewsThatFallDueStandOnTheList(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		d := newDesk(t, app)
		today := deadline.DateOf(app.Now(), time.UTC)
		brief, item := node.NewID(), add(d, func(c *evidence.Add) { c.Expires = today.Add(40) })
		d.Do(d.Officer, evidence.Open{OnBrief: evidence.OnBrief{Brief: brief}, About: evidence.Destination, Subject: "XR", Marking: evidence.Amber, ReviewBy: today.Add(40)})
		d.page("/work", d.Adviser).Count("#duties", 0)
		d.Later(clock, 41*24*time.Hour)
		d.page("/work", d.Adviser).HasText("#duties li", "Review the brief on Karsovia").HasText("#duties li", "Prolong or withdraw the source Visit to Karsovia").HasText("#duties .chip", "was due")
		d.page("/work", d.Officer).Count("#duties", 0)
		d.Do(d.Adviser, evidence.Withdraw{OnItem: evidence.OnItem{Item: item}, Reason: "Too old to rest on."})
		d.Do(d.Adviser, evidence.ReviewBrief{OnBrief: evidence.OnBrief{Brief: brief}, Note: "Nothing has changed.", Next: today.Add(400)})
		d.page("/work", d.Adviser).Count("#duties", 0)
	})
}
