package instruments_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/comity-project/comity/content"
	"github.com/comity-project/comity/e2e/browser"
	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/evidence"
	"github.com/comity-project/comity/internal/instruments"
	"github.com/comity-project/comity/internal/jobs"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui/uitest"
)

// desk is a house with its site, somebody who keeps the register and a contact.
type desk struct {
	*nodetest.House
	site            http.Handler
	Editor, Contact access.Actor
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
	h := nodetest.Staff(t, app)
	return desk{h, site, nodetest.Person(t, app, h.Authority, "editor", access.PolicyEditor), nodetest.Person(t, app, h.Authority, "contact", access.PointOfContact)}
}

// page asks for a page: sound, fully worded, and within its statements.
func (d desk) page(path string, who access.Actor) *uitest.Answer {
	d.T.Helper()
	n := 0
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r = r.WithContext(store.CountStatements(r.Context(), &n))
	var cookies []*http.Cookie
	if who.Account != "" {
		cookies = append(cookies, d.SignIn(who))
	}
	a := uitest.Ask(d.T, d.site, r, cookies...).Status(http.StatusOK)
	a.Sound()
	if n > 10 {
		d.T.Errorf("%s takes %d statements", path, n)
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

// act is an export control act whose catch-all names the uses.
func act(d desk, owner access.Actor, uses ...instruments.Use) string {
	d.T.Helper()
	id := node.NewID()
	d.Do(d.Editor, instruments.Enter{
		OnInstrument: instruments.OnInstrument{Instrument: id}, Kind: instruments.Law, Owner: owner.Account, ReviewBy: "2027-11-01",
		Version: instruments.Version{
			From: "2019-05-04", SourceDate: "2026-01-10", CatchAll: uses, Covers: []string{"catch-all", "refuse"},
			Words: instruments.Words{Title: "Export Control Act", Citation: "Act of 4 May 2019 no. 12", Source: "Gazette 2019 no. 12"},
		},
	})
	return id
}

// closed is a case that is over, by its reference.
func closed(d desk) string {
	d.T.Helper()
	id := d.Submit(d.Application(nodetest.Example(d.T, "01")))
	d.Do(d.Applicant, licensing.Withdraw{On: licensing.On{Case: id}, Why: "The order was cancelled."})
	return d.File(d.Officer, id).Case.Reference
}

// C1-1: a catch-all that names military end use only is no more than a gap; the
// gap needs an action with owner and date, or a stated reason for none.
func TestC1_1TheCatchAllLeavesAGap(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		d := newDesk(t, app)
		d.page("/instruments", d.Editor).HasText("h2", "No instrument yet")
		f := d.page("/instruments/new", d.Editor).NothingChosen("kind", "owner").Form("/instruments/new")
		f.Set("title", "Export Control Act")
		bad := d.post(f, d.Editor).Status(http.StatusUnprocessableEntity)
		bad.HasText(".govuk-error-summary a", "Choose the kind.").HasText(".govuk-error-summary a", "Give the citation.").HasText(".govuk-error-summary a", "Choose somebody who reads the register.")
		f.Set("kind", "law")
		f.Set("citation", "Act of 4 May 2019 no. 12")
		f.Set("source", "Gazette 2019 no. 12")
		f.Set("owner", d.Officer.Account)
		f.Values["catch_all"], f.Values["covers"] = []string{"military"}, []string{"catch-all", "refuse"}
		date(f, "from", "4", "5", "2019")
		date(f, "source_date", "10", "1", "2026")
		date(f, "review_by", "1", "11", "2027")
		id := f.Get("id")
		d.post(f, d.Editor).Redirects("/instruments/" + id)
		d.page("/instruments", d.Auditor).HasText("tbody th", "Export Control Act").HasText("tbody td", "in force").LacksText("Enter an instrument")
		d.page("/self-assessment", d.Auditor).HasText("#matrix td", "unknown").HasText("#matrix td", "nobody has answered")

		reference := closed(d)
		judge := "/self-assessment/catch-all/judge"
		f = d.page(judge+"?instrument="+id, d.Editor).NothingChosen("answer").Form(judge)
		f.Set("answer", "met")
		f.Set("reason", "It reaches end uses of concern.")
		bad = d.post(f, d.Editor).Status(http.StatusUnprocessableEntity)
		bad.HasText(".govuk-error-summary a", "does not name that end use").HasText(".govuk-error-summary a", "Name the place in the text").HasText(".govuk-error-summary a", "Name a case that used it")
		f.Set("answer", "partly")
		f.Set("provision", "s. 9")
		f.Set("case", reference)
		d.post(f, d.Editor).Status(http.StatusUnprocessableEntity).HasText(".govuk-error-summary a", "does not name that end use")
		f.Set("answer", "gap")
		f.Set("case", "NO-SUCH-CASE")
		d.post(f, d.Editor).Status(http.StatusUnprocessableEntity).HasText(".govuk-error-summary a", "There is no closed case with this reference")
		f.Set("case", "")
		d.post(f, d.Editor).Redirects("/self-assessment/catch-all")

		page := d.page("/self-assessment/catch-all", d.Editor).HasText("#gaps", "no action planned, and no reason given for none")
		d.page("/self-assessment", d.Editor).HasText(".banner h2", "One gap has neither an action")
		f = d.page("/self-assessment/catch-all/publish", d.Editor).Form("/self-assessment/catch-all/publish")
		d.post(f, d.Editor).Status(http.StatusConflict).HasText(".govuk-error-summary", "neither an action nor a stated reason")

		plan := d.page(page.Link("Plan an action"), d.Editor).Form("/self-assessment/catch-all/plan")
		plan.Set("what", "Propose an amendment of section 9")
		d.post(plan, d.Editor).Status(http.StatusUnprocessableEntity).HasText(".govuk-error-summary a", "Choose somebody").HasText(".govuk-error-summary a", "Give a day to come.")
		plan.Set("owner", d.Officer.Account)
		date(plan, "due", "20", "11", "2026")
		d.post(plan, d.Editor).Redirects("/self-assessment/catch-all")
		d.page("/self-assessment/catch-all", d.Editor).LacksText("no action planned").HasText("#gaps", "Propose an amendment of section 9")

		// Its owner finds it on their work list and closes it with what was done.
		work := d.page("/work", d.Officer).HasText("#duties", "Action: Propose an amendment of section 9")
		d.page("/work", d.Second).LacksText("Propose an amendment")
		shut := d.page(d.page(work.Link("Action: Propose an amendment of section 9"), d.Officer).Link("Close the action"), d.Officer).Form("/self-assessment/catch-all/close")
		d.post(shut, d.Officer).Status(http.StatusUnprocessableEntity).HasText(".govuk-error-summary a", "Say what was done.")
		shut.Set("done", "The bill was sent to parliament")
		d.post(shut, d.Officer).Redirects("/self-assessment/catch-all")
		d.page("/work", d.Officer).LacksText("Propose an amendment")
		// The gap is still there, and asks again.
		d.page("/self-assessment/catch-all", d.Editor).HasText("#gaps", "The bill was sent to parliament").HasText("#gaps", "no action planned")
		leave := d.page("/self-assessment/catch-all/leave?instrument="+id, d.Editor).Form("/self-assessment/catch-all/leave")
		leave.Set("reason", "Parliament decides in May.")
		d.post(leave, d.Editor).Redirects("/self-assessment/catch-all")
		d.page("/self-assessment/catch-all", d.Editor).HasText("#gaps", "Parliament decides in May.").LacksText("no action planned")

		// An instrument that names the end use, a place and a case: then it may be met.
		amend := d.page("/instruments/"+id+"/amend", d.Editor).Form("/instruments/" + id + "/amend")
		amend.Values["catch_all"] = []string{"military", "human_rights"}
		date(amend, "from", "9", "11", "2026")
		date(amend, "source_date", "9", "11", "2026")
		d.post(amend, d.Editor).Redirects("/instruments/" + id)
		f = d.page(judge+"?instrument="+id, d.Editor).Form(judge)
		f.Set("answer", "met")
		f.Set("provision", "s. 9 (2)")
		f.Set("reason", "The clause names the end use.")
		d.post(f, d.Editor).Status(http.StatusUnprocessableEntity).HasText(".govuk-error-summary a", "Name a case that used it")
		f.Set("case", reference)
		d.post(f, d.Editor).Redirects("/self-assessment/catch-all")
		d.page("/self-assessment/catch-all", d.Officer).HasText("#answers", "s. 9 (2)").HasText("#answers a", reference).HasText("#answers summary", "Earlier answers (1)").HasText("#gaps", "No answer here leaves a gap.")
		// Who reads no case is not told its reference.
		d.page("/self-assessment/catch-all", d.Contact).LacksText(reference).HasText("#answers", "which you may not see")
		for _, who := range []access.Actor{d.Applicant, d.Customs} {
			for _, path := range []string{"/instruments", "/instruments/" + id, "/self-assessment", "/self-assessment/export.csv"} {
				uitest.Get(t, d.site, path, d.SignIn(who)).Status(http.StatusNotFound)
			}
		}
		uitest.Get(t, d.site, judge, d.SignIn(d.Officer)).Status(http.StatusNotFound)
	})
}

// C1-2: an instrument that nobody read for 400 days is overdue on the dashboard
// and on its owner's work list, and the contact is told once; a review clears it.
func TestC1_2AnOverdueReview(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		d := newDesk(t, app)
		id := act(d, d.Officer)
		clock.Move(400 * 24 * time.Hour)
		nightly := func() {
			t.Helper()
			if err := app.Runner().Kinds["instruments.remind"].Run(context.Background(), jobs.Job{}); err != nil {
				t.Fatal(err)
			}
		}
		d.page("/instruments", d.Contact).LacksText("The review of Export Control Act is overdue")
		nightly()
		nightly()
		d.page("/instruments", d.Contact).HasText("#duties", "The review of Export Control Act is overdue").Count("#duties li", 1).HasText("tbody .chip", "review was due")
		d.page("/instruments/"+id, d.Contact).HasText(".banner", "The owner and the contacts were told")
		d.page("/work", d.Officer).HasText("#duties", "Review Export Control Act").HasText("#duties .chip", "was due 1 November 2027")
		d.page("/work", d.Second).Count("#duties", 0)

		review := "/instruments/" + id + "/review"
		f := d.page(review, d.Officer).Form(review)
		date(f, "next", "1", "6", "2028")
		d.post(f, d.Officer).Status(http.StatusUnprocessableEntity).HasText(".govuk-error-summary a", "Say what the review found.")
		f.Set("note", "Read with the amendments; still so.")
		d.post(f, d.Officer).Redirects("/instruments/" + id)
		nightly()
		d.page("/instruments", d.Contact).Count("#duties", 0).LacksText("review was due")
		d.page("/work", d.Officer).Count("#duties", 0)
		d.page("/instruments/"+id, d.Contact).HasText("#review li", "still so").HasText("#review li", "Person officer")
	})
}

// C1-3: a visitor compares what two states published; what one did not publish
// says so, and nothing else of it is shown.
func TestC1_3AVisitorComparesTwoStates(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		d := newDesk(t, app)
		id := act(d, d.Officer, instruments.HumanRights)
		open, shut := node.NewID(), node.NewID()
		for item, marking := range map[string]evidence.Marking{open: evidence.Clear, shut: evidence.Amber} {
			d.Do(d.Adviser, evidence.Add{
				OnItem: evidence.OnItem{Item: item}, Marking: marking, Grade: "A1", Published: "2026-01-10",
				Details: evidence.Details{Title: "Report marked " + string(marking), Source: "Gazette", Address: "https://gazette.example/12", Says: "The text."},
			})
		}
		on := instruments.OnElement{Element: "refuse"}
		d.Do(d.Editor, instruments.Judge{OnElement: on, Instrument: id, Answer: instruments.Met, Provision: "s. 4", Items: []string{open, shut}, Reason: "Named as a ground."})
		d.page("/tools", access.Nobody()).HasText("td", "not published").LacksText("s. 4").LacksText("Export Control Act")
		d.Do(d.Editor, instruments.Publish{OnElement: on, Public: true})
		page := d.page("/tools", access.Nobody()).HasText("td", "s. 4").HasText("td", "Act of 4 May 2019 no. 12").HasText("td", "9 November 2026").HasText("td a", "Report marked clear")
		page.LacksText("Report marked amber").LacksText("Named as a ground.").LacksText("Person editor")

		// The other state's file is what its node gives at /tools.json.
		other := strings.Replace(uitest.Get(t, d.site, "/tools.json").Status(http.StatusOK).Body, `"state": ""`, `"state": "XA"`, 1)
		other = strings.Replace(other, "Export Control Act", "Trade Control Law", 1)
		f := d.page("/tools/import", d.Contact).Form("/tools/import")
		send := func(who access.Actor, file string) *uitest.Answer {
			t.Helper()
			var body bytes.Buffer
			w := multipart.NewWriter(&body)
			for k, v := range map[string]string{"once": node.NewID(), "source": "https://alvania.example/tools.json"} {
				if err := w.WriteField(k, v); err != nil {
					t.Fatal(err)
				}
			}
			part, err := w.CreateFormFile("file", "tools.json")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := part.Write([]byte(file)); err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			r := httptest.NewRequest(http.MethodPost, f.Action, &body)
			r.Header.Set("Content-Type", w.FormDataContentType())
			return uitest.Ask(t, d.site, r, d.SignIn(who))
		}
		send(d.Contact, "{}").Status(http.StatusUnprocessableEntity).HasText(".govuk-error-summary a", "no self-assessment that a state published")
		send(d.Officer, other).Status(http.StatusNotFound)
		send(d.Contact, other).Redirects("/tools")
		d.page("/tools", access.Nobody()).LacksText("Trade Control Law")
		both := d.page("/tools?with=XA", access.Nobody()).HasText("thead th", "Alvania").HasText("td", "Trade Control Law").HasText("td", "Export Control Act").HasText("td", "not published")
		both.HasText("#sheet .meta", "https://alvania.example/tools.json")

		d.Do(d.Editor, instruments.Publish{OnElement: on})
		d.page("/tools?with=XA", access.Nobody()).LacksText("Export Control Act").HasText("td", "Trade Control Law")
	})
}

// C1-5: a version from a day to come changes no report before that day, and a
// report as at an earlier day stays what it was.
func TestC1_5AVersionFromADayToCome(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		d := newDesk(t, app)
		id := act(d, d.Officer, instruments.HumanRights)
		d.Do(d.Editor, instruments.Judge{OnElement: instruments.OnElement{Element: "refuse"}, Instrument: id, Answer: instruments.Gap, Reason: "=Withdrawal is not named."})
		d.Do(d.Editor, instruments.Amend{OnInstrument: instruments.OnInstrument{Instrument: id}, Version: instruments.Version{
			From: "2027-01-01", SourceDate: "2026-11-05", Covers: []string{"refuse"}, Words: instruments.Words{Title: "Export Control Act 2027", Citation: "Act of 2 November 2026 no. 40", Source: "Gazette 2026 no. 40"},
		}})
		today := d.page("/instruments", d.Editor).HasText("tbody th", "Act of 4 May 2019 no. 12").HasText("tbody .chip", "in force, changes 1 January 2027")
		today.LacksText("Act of 2 November 2026")
		d.page("/instruments/"+id, d.Editor).HasText("#versions tbody th", "Act of 2 November 2026 no. 40").HasText("h1", "Export Control Act").HasText("#versions td", "from 4 May 2019 to 31 December 2026")
		table := func(path string, who access.Actor) [][]string {
			t.Helper()
			a := uitest.Get(t, d.site, path, d.SignIn(who)).Status(http.StatusOK)
			rows, err := csv.NewReader(strings.NewReader(a.Body)).ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			return rows
		}
		has := func(rows [][]string, cell string) bool {
			for _, r := range rows {
				for _, c := range r {
					if c == cell {
						return true
					}
				}
			}
			return false
		}
		now := table("/self-assessment/export.csv", d.Auditor)
		if !has(now, "Act of 4 May 2019 no. 12") || has(now, "Act of 2 November 2026 no. 40") || !has(now, "'=Withdrawal is not named.") || !has(now, "Person editor") {
			t.Errorf("the table of today: %v", now)
		}
		uitest.Get(t, d.site, "/self-assessment/export.html", d.SignIn(d.Auditor)).Status(http.StatusOK).HasText("td", "Act of 4 May 2019 no. 12")

		clock.Move(60 * 24 * time.Hour)
		day := url.Values{"as_at.day": {"9"}, "as_at.month": {"11"}, "as_at.year": {"2026"}}.Encode()
		d.Do(d.Editor, instruments.Judge{OnElement: instruments.OnElement{Element: "refuse"}, Instrument: id, Answer: instruments.Met, Provision: "s. 4", Reason: "All three are named."})
		later := nodetest.Person(t, app, d.Authority, "later", access.Auditor)
		now = table("/self-assessment/export.csv", later)
		if !has(now, "Act of 2 November 2026 no. 40") || has(now, "Act of 4 May 2019 no. 12") || !has(now, "All three are named.") {
			t.Errorf("the table after the day: %v", now)
		}
		then := table("/self-assessment/export.csv?"+day, later)
		if has(then, "Act of 2 November 2026 no. 40") || !has(then, "Act of 4 May 2019 no. 12") || has(then, "All three are named.") {
			t.Errorf("the table as at an earlier day: %v", then)
		}
		d.page("/self-assessment?"+day, later).HasText(".banner", "As at 9 November 2026").HasText("#matrix thead th", "Export Control Act").LacksText("Export Control Act 2027")
		d.page("/self-assessment/refuse?"+day, later).HasText("#answers", "Withdrawal is not named.")
	})
}

// TestInBrowser looks at the pages wide, narrow and dark, with axe-core.
func TestInBrowser(t *testing.T) {
	app := nodetest.Open(t, store.SQLite, nodetest.NewClock())
	d := newDesk(t, app)
	id := act(d, d.Editor, instruments.Military)
	for n, title := range []string{"Export Control Regulation", "National list of items", "Procedure for consultations"} {
		d.Do(d.Editor, instruments.Enter{
			OnInstrument: instruments.OnInstrument{Instrument: node.NewID()}, Kind: instruments.Kinds[n+1], Owner: d.Editor.Account, ReviewBy: "2027-06-01",
			Version: instruments.Version{From: "2020-01-01", SourceDate: "2026-01-10", Covers: []string{"review", "lists", "consultation", "refuse"}, Words: instruments.Words{Title: title, Citation: "Regulation 2020 no. 3", Source: "https://norland.example/law"}},
		})
	}
	on := instruments.OnElement{Element: "catch-all"}
	d.Do(d.Editor, instruments.Judge{OnElement: on, Instrument: id, Answer: instruments.Gap, Reason: "Section 9 names military end use only."})
	d.Do(d.Editor, instruments.Plan{OnElement: on, ID: node.NewID(), Instrument: id, What: "Propose an amendment of section 9", Owner: d.Editor.Account, Due: "2026-12-01"})
	d.Do(d.Editor, instruments.Judge{OnElement: instruments.OnElement{Element: "refuse"}, Instrument: id, Answer: instruments.Met, Provision: "s. 4", Reason: "All three are named."})
	d.Do(d.Editor, instruments.Publish{OnElement: instruments.OnElement{Element: "refuse"}, Public: true})
	d.SignIn(d.Editor)
	server := httptest.NewServer(d.site)
	t.Cleanup(server.Close)
	pictures := browser.Pictures(t)
	v := browser.Start(t).Visitor(t)
	v.Open(server.URL + "/sign-in")
	v.Fill("Sign-in name", "editor")
	v.Fill("Password", nodetest.Password)
	v.Press("Sign in")
	v.Forgive()
	for name, path := range map[string]string{
		"register": "/instruments", "one": "/instruments/" + id, "new": "/instruments/new", "matrix": "/self-assessment", "element": "/self-assessment/catch-all",
		"judge": "/self-assessment/catch-all/judge?instrument=" + id, "public": "/tools",
	} {
		v.Open(server.URL + path)
		v.Size(1280, 900)
		v.Screenshot(filepath.Join(pictures, "instruments-"+name+".png"))
		v.Accessible()
		v.Size(360, 740)
		v.NoSidewaysScroll()
		v.Screenshot(filepath.Join(pictures, "instruments-"+name+"-phone.png"))
		v.Size(1280, 900)
		v.Dark(true)
		v.Accessible()
		v.Dark(false)
	}
}
