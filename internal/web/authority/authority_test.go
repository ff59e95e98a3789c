package authority_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/comity-project/comity/content"
	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/party"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/authority"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
	"github.com/comity-project/comity/internal/web/ui/uitest"
)

// room is the door with people at it, on a node where a case was submitted.
type room struct {
	*nodetest.House
	h       http.Handler
	t       testing.TB
	cookies map[string]*http.Cookie
}

var demoStates = map[string]string{"XR": "Karsovia", "XA": "Toren", "XB": "Alvania", "XN": "Norland"}

func openRoom(t testing.TB, app *node.App) *room {
	t.Helper()
	cat, err := lang.Load(content.FS)
	if err != nil {
		t.Fatal(err)
	}
	d := door.New(app)
	d.States = demoStates
	mux := http.NewServeMux()
	mux.Handle("GET /static/", ui.Static())
	d.Routes(mux)
	authority.Routes(mux, d)
	guarded, err := ui.SameOrigin(mux, d.Fail)
	if err != nil {
		t.Fatal(err)
	}
	h := ui.SecurityHeaders(ui.Localise(d.Recognise(guarded), cat, time.UTC, d.States))
	return &room{House: nodetest.Staff(t, app), h: h, t: t, cookies: map[string]*http.Cookie{}}
}

// as gives the cookie of a person, who signs in once.
func (d *room) as(a access.Actor) *http.Cookie {
	d.t.Helper()
	if d.cookies[a.Account] == nil {
		d.cookies[a.Account] = d.SignIn(a)
	}
	return d.cookies[a.Account]
}

// maxStatements is what a page may ask of the database, the session included.
const maxStatements = 10

// get reads a page, sound and within its number of statements.
func (d *room) get(a access.Actor, path string) *uitest.Answer {
	d.t.Helper()
	cookie := d.as(a)
	n := 0
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r = r.WithContext(store.CountStatements(r.Context(), &n))
	page := uitest.Ask(d.t, d.h, r, cookie)
	if n > maxStatements {
		d.t.Errorf("%s takes %d statements", path, n)
	}
	if page.Code == http.StatusOK && strings.HasPrefix(page.Header.Get("Content-Type"), "text/html") {
		page.Sound()
	}
	if strings.Contains(page.Body, "[authority.") || strings.Contains(page.Body, "[licensing.") || strings.Contains(page.Body, "[timeline.") || strings.Contains(page.Body, "[party.") {
		d.t.Errorf("%s shows a key without a sentence: %s", path, around(page.Body))
	}
	return page
}

func around(body string) string {
	for _, k := range []string{"[authority.", "[licensing.", "[timeline.", "[party."} {
		if i := strings.Index(body, k); i >= 0 {
			return body[i:min(i+60, len(body))]
		}
	}
	return ""
}

func (d *room) post(a access.Actor, f uitest.Form) *uitest.Answer {
	d.t.Helper()
	return uitest.Post(d.t, d.h, f, d.as(a))
}

// imsi submits the first worked case and has it screened.
func (d *room) imsi() string {
	d.t.Helper()
	in := nodetest.Example(d.t, "01")
	id := d.Submit(d.Application(in))
	d.Screen(id, in)
	return id
}

func TestEveryTabOfACase(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		d := openRoom(t, app)
		id := d.imsi()
		for _, tab := range []string{"", "/items", "/parties", "/documents", "/history"} {
			page := d.get(d.Officer, "/cases/"+id+tab).Status(200)
			page.Count("nav.tabs a[aria-current=page]", 1)
			page.HasText(".facts", "working day")
			if tab != "/documents" && tab != "/history" {
				page.HasText(".blocks", "have not been confirmed")
			}
		}
		overview := d.get(d.Officer, "/cases/"+id)
		overview.HasText("#route", "end user")
		overview.HasText("#dates", "Decision due")
		history := d.get(d.Auditor, "/cases/"+id+"/history")
		history.HasText(".tl", "submitted")
		history.Link("proof")
		d.get(d.Officer, "/cases/"+id+"/history").LacksText("/record/")
		// What may not be seen does not exist.
		d.get(d.Customs, "/cases/"+id).Status(404)
		d.get(d.Applicant, "/cases/"+id).Status(404)
		d.get(d.Officer, "/cases/none").Status(404)
	})
}

func TestACompartmentHidesItsCases(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		d := openRoom(t, app)
		id := d.imsi()
		title := d.File(d.Officer, id).Case.App().Title
		d.Do(d.Coordinator, licensing.MoveCompartment{On: licensing.On{Case: id}, Compartment: "sealed", Why: "A matter of another department"})
		for _, path := range []string{"/work?list=open", "/work?list=mine", "/cases", "/find?q=" + url.QueryEscape("Karsovia")} {
			d.get(d.Officer, path).LacksText(title)
		}
		d.get(d.Officer, "/cases/"+id).Status(404)
	})
}

func TestWorkLists(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		d := openRoom(t, app)
		empty := d.get(d.Officer, "/work").Status(200)
		empty.HasText(".empty", "Nothing waits for you")
		id := d.imsi()
		c := d.File(d.Officer, id).Case
		for path, there := range map[string]bool{
			"/work": true, "/work?list=mine": true, "/work?list=open": true, "/work?list=waiting": false, "/work?list=closed": false, "/cases": true,
			"/work?list=open&stage=assessment": true, "/work?list=open&stage=submitted": false, "/work?list=open&severity=5": false,
			"/work?list=open&destination=" + c.App().EndUse.Country: true, "/work?list=open&destination=FR": false,
			"/work?list=open&officer=" + d.Officer.Account: true, "/work?list=open&officer=" + d.Second.Account: false,
			"/work?list=open&clock=late": false, "/work?list=open&clock=stopped": false, "/cases?outcome=refused": false,
			"/cases?q=" + url.QueryEscape(c.Reference): true, "/cases?q=interior": true, "/cases?q=zzzz": false, "/cases?after=bad&severity=x": true,
		} {
			page := d.get(d.Officer, path).Status(200)
			if got := len(page.All("table.t tbody tr")) > 0; got != there {
				t.Errorf("%s: the case is listed: %v", path, got)
			}
		}
		// A case is the coordinator's turn only while nobody has it.
		d.get(d.Coordinator, "/work").HasText(".empty", "Nothing waits for you")
		page := d.get(d.Officer, "/work?list=open&q=interior")
		page.HasText(".active", "interior")
		form := page.Form("/work/searches")
		form.Set("name", "Ministries")
		d.post(d.Officer, form).Redirects("/work?list=open&q=interior")
		kept := d.get(d.Officer, "/work")
		if kept.Link("Ministries") != "/work?list=open&q=interior" {
			t.Error("the kept search leads elsewhere")
		}
		d.get(d.Second, "/work").LacksText("Ministries")
		d.post(d.Officer, kept.Form("/work/searches/drop")).Redirects("/work")
		d.get(d.Officer, "/work").LacksText("Ministries")
	})
}

func TestGivingACaseToAnOfficer(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		d := openRoom(t, app)
		a := d.Application(nodetest.Example(t, "01"))
		d.Do(d.Applicant, licensing.Submit{On: licensing.On{Case: a.ID}, Application: a})
		path := "/cases/" + a.ID
		page := d.get(d.Coordinator, path)
		page.HasText(".blocks", "give it to an officer")
		page.NothingChosen("officer")
		form := page.Form(path + "/officer")
		d.post(d.Coordinator, form).Status(422).HasText(".govuk-error-summary", "officer")
		form.Set("officer", d.Officer.Account)
		d.post(d.Coordinator, form).Redirects(path + "#officer")
		// The same form again, as after going back, does nothing twice.
		d.post(d.Coordinator, form).Redirects(path + "#officer")
		if c := d.File(d.Officer, a.ID).Case; c.Officer != d.Officer.Account || c.Stage != licensing.Assessment {
			t.Fatalf("officer %s, stage %s", c.Officer, c.Stage)
		}
		if len(d.get(d.Officer, path).All("form[action="+path+"/officer]")) != 0 {
			t.Error("an officer is offered to assign")
		}
	})
}

func TestConfirmingItems(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		d := openRoom(t, app)
		id := d.imsi()
		path := "/cases/" + id + "/items"
		lines := d.File(d.Technical, id).Case.App().Lines
		line := lines[0].ID
		page := d.get(d.Technical, path)
		page.NothingChosen(line+".category", line+".listed")
		page.HasText("#line-"+line, "5A001")
		page.HasText("#line-"+line, "catch-all")
		form := page.Form(path + "/" + line)
		refused := d.post(d.Technical, form).Status(422)
		refused.HasText(".govuk-error-summary", "what kind of item")
		refused.HasText(".govuk-error-summary", "control list")
		// A kind that was not suggested needs a reason; what was typed stays.
		form.Set(line+".category", "another")
		form.Set(line+".other", "water_cannon")
		form.Set(line+".listed", "no")
		form.Set(line+".more", "ML7")
		refused = d.post(d.Technical, form)
		if refused.Code == http.StatusSeeOther {
			t.Fatal("no reason was asked for")
		}
		refused.Status(422)
		if v, _ := uitest.Attr(refused.One("input[name="+line+".more]"), "value"); v != "ML7" {
			t.Errorf("what was typed is gone: %q", v)
		}
		form = refused.Form(path + "/" + line)
		form.Set(line+".category", "imsi_catcher")
		form.Set(line+".listed", "yes")
		form.Set(line+".more", "5A001.f.1")
		answer := d.post(d.Technical, form)
		if answer.Code != http.StatusSeeOther {
			answer.Status(303)
		}
		k := d.File(d.Technical, id).Assessment.Classified[line]
		if k.Category != "imsi_catcher" || k.Listed == nil || !*k.Listed || len(k.Codes) == 0 {
			t.Fatalf("%+v", k)
		}
		d.get(d.Technical, path).HasText("#line-"+line, "confirmed")
		// Nobody else may.
		d.get(d.Auditor, path).Count("form[action="+path+"/"+line+"]", 0)
	})
}

func TestHundredLinesAndSixtyParties(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		d := openRoom(t, app)
		a := d.Application(nodetest.Example(t, "01"))
		line, third := a.Lines[0], a.Parties[len(a.Parties)-1]
		for i := len(a.Lines); i < 100; i++ {
			l := line
			l.ID, l.PartNumber = fmt.Sprintf("l%d", i+1), fmt.Sprintf("PN-%d", i+1)
			a.Lines = append(a.Lines, l)
		}
		for i := len(a.Parties); i < 60; i++ {
			p := third
			p.ID, p.Roles, p.Tree = fmt.Sprintf("p%d", i+1), []party.Role{party.ThirdParty}, nil
			p.Kind, p.Record = party.Organisation, nil
			p.Names = []party.Name{{Text: fmt.Sprintf("Harbour Trading %d", i+1)}}
			p.Register = node.NewID() // looked up, however many there are, in one statement
			a.Parties = append(a.Parties, p)
		}
		id := d.Submit(d.complete(a))
		items := d.get(d.Technical, "/cases/"+id+"/items?from=40")
		if n := len(items.All("section.card[id]")); n != 10 {
			t.Errorf("%d lines on a page", n)
		}
		form := items.Form("/cases/" + id + "/items/l45")
		form.Set("l45.category", "imsi_catcher")
		form.Set("l45.listed", "open")
		// One goes on with the next line, on its page.
		d.post(d.Technical, form).Redirects("/cases/" + id + "/items?from=40#line-l46")
		if n := len(d.get(d.Officer, "/cases/"+id+"/parties?from=50").All("section.card[id]")); n != 10 {
			t.Errorf("%d parties on a page", n)
		}
		d.get(d.Officer, "/cases/"+id)
	})
}

// complete answers the paragraphs that more lines and parties ask for.
func (d *room) complete(a licensing.Application) licensing.Application {
	d.t.Helper()
	profile, err := d.App.Profile(context.Background(), a.Kind)
	if err != nil {
		d.t.Fatal(err)
	}
	answered := a.Answers
	for _, m := range licensing.Check(&a, profile) {
		for _, have := range answered {
			if have.Paragraph == m.Paragraph {
				have.Line, have.Party = m.Line, m.Party
				a.Answers = append(a.Answers, have)
				break
			}
		}
	}
	return a
}

func TestResolvingHits(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		d := openRoom(t, app)
		in := nodetest.Example(t, "01")
		id := d.Submit(d.Application(in))
		if err := d.App.ScreenCase(context.Background(), id); err != nil {
			t.Fatal(err)
		}
		path := "/cases/" + id
		var hit string
		for _, h := range d.File(d.Officer, id).Assessment.Hits {
			if h.Open() {
				hit = h.ID
				break
			}
		}
		if hit == "" {
			t.Fatal("the worked case has no open hit")
		}
		page := d.get(d.Officer, path+"/parties")
		page.HasText("#hit-"+hit, "by chance")
		page.NothingChosen("hit." + hit + ".outcome")
		form := page.Form(path + "/hits/" + hit)
		form.Set("hit."+hit+".outcome", "same")
		refused := d.post(d.Officer, form).Status(422)
		refused.Count("input[name=hit."+hit+".outcome][checked]", 1)
		form.Set("hit."+hit+".reason", "The directorate is named in both.")
		answer := d.post(d.Officer, form)
		if answer.Code != http.StatusSeeOther || !strings.HasSuffix(answer.Header.Get("Location"), "#hit-"+hit) {
			answer.Status(303)
		}
		after := d.get(d.Officer, path+"/parties")
		after.HasText("#hit-"+hit, "The same party")
		after.HasText("#hit-"+hit, "The directorate is named in both.")
	})
}

func TestTwoOfficersAtOnce(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		d := openRoom(t, app)
		id := d.imsi()
		path := "/cases/" + id
		form := d.get(d.Officer, path).Form(path + "/questions")
		form.Set("questions", "Who orders each use?\n\nWho oversees it?")
		// Somebody else does something first.
		d.Do(d.Coordinator, licensing.Assign{On: licensing.On{Case: id}, Officer: d.Second.Account})
		refused := d.post(d.Officer, form).Status(409)
		refused.HasText(".banner", "Someone else changed this")
		refused.HasText(".banner", "given to an officer")
		if got := strings.TrimSpace(uitest.Text(refused.One("textarea[name=questions]"))); !strings.Contains(got, "Who oversees it?") {
			t.Errorf("what was typed is gone: %q", got)
		}
		// With what they have seen now, the same words go through.
		d.post(d.Officer, refused.Form(path+"/questions"))
		c := d.File(d.Officer, id).Case
		if len(c.RFIs) != 1 || len(c.RFIs[0].Questions) != 2 || c.Stage != licensing.Waiting {
			t.Fatalf("%d requests, stage %s", len(c.RFIs), c.Stage)
		}
	})
}

func TestRequestsForInformation(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		d := openRoom(t, app)
		id := d.imsi()
		path := "/cases/" + id
		form := d.get(d.Officer, path).Form(path + "/questions")
		d.post(d.Officer, form).Status(422)
		form.Set("questions", "Who orders each use?")
		if a := d.post(d.Officer, form); a.Code != http.StatusSeeOther {
			a.Status(303)
		}
		page := d.get(d.Officer, path)
		page.HasText(".facts", "Stopped: waiting for applicant since")
		page.HasText("#rfi", "Who orders each use?")
		d.get(d.Officer, "/work?list=waiting").HasText("table.t", "Stopped: waiting for applicant")
		rfi := d.File(d.Officer, id).Case.RFIs[0]
		clock.Move(time.Hour)
		d.Do(d.Applicant, licensing.AnswerInformation{On: licensing.On{Case: id}, RFI: rfi.ID, Holding: true, Text: "We are asking our customer."})
		page = d.get(d.Officer, path)
		page.HasText("#rfi", "Holding reply")
		page.HasText("#rfi", "We are asking our customer.")
		form = page.Form(path + "/questions/" + rfi.ID + "/close")
		d.post(d.Officer, form).Status(422)
		form.Set("close."+rfi.ID, "The public register answers it.")
		d.post(d.Officer, form).Redirects(path + "#rfi-" + rfi.ID)
		page = d.get(d.Officer, path)
		page.HasText("#rfi", "closed on")
		page.HasText(".facts", "working days left")
	})
}

func TestTheRegisterOfParties(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		d := openRoom(t, app)
		id := d.imsi()
		user, _ := d.File(d.Officer, id).Case.App().EndUser()
		path := "/cases/" + id + "/parties"
		page := d.get(d.Officer, path+"?link="+user.ID)
		page.NothingChosen("entry")
		form := page.Form(path + "/" + user.ID + "/register?link=" + user.ID)
		d.post(d.Officer, form).Status(422).HasText(".govuk-error-summary", "which entry")
		form.Set("entry", "new")
		if a := d.post(d.Officer, form); a.Code != http.StatusSeeOther {
			a.Status(303)
		}
		user, _ = d.File(d.Officer, id).Case.App().EndUser()
		if user.Register == "" {
			t.Fatal("the party is not tied to the register")
		}
		entry := "/parties/" + user.Register
		page = d.get(d.Officer, entry)
		page.HasText("#cases", d.File(d.Officer, id).Case.Reference)
		form = page.Form(entry + "/objections")
		form.Set("received.day", "9")
		form.Set("received.month", "11")
		form.Set("received.year", "2026")
		form.Set("text", "The name is spelt wrongly.")
		d.post(d.Officer, form).Redirects(entry)
		page = d.get(d.Officer, entry)
		page.HasText("#objections", "spelt wrongly")
		d.get(d.Officer, "/parties?objection=open").HasText("table.t", "objection")
		for _, n := range page.All("form") {
			action, _ := uitest.Attr(n, "action")
			if !strings.HasPrefix(action, entry+"/objections/") {
				continue
			}
			form = page.Form(action)
			id := strings.TrimPrefix(action, entry+"/objections/")
			form.Set("answer."+id, "It is; corrected.")
			d.post(d.Officer, form).Status(422)
			form.Set("upheld."+id, "yes")
			d.post(d.Officer, form).Redirects(entry)
		}
		form = d.get(d.Officer, entry).Form(entry + "/correct")
		form.Set("name", user.Name()+" II")
		d.post(d.Officer, form).Status(422)
		form.Set("why", "Asked for by the ministry.")
		d.post(d.Officer, form).Redirects(entry)
		d.get(d.Officer, "/parties?q="+url.QueryEscape(user.Name())).HasText("table.t", "II")
		d.get(d.Auditor, entry).Count("form[action="+entry+"/correct]", 0)
		d.get(d.Customs, entry).Status(404)
	})
}

func TestFindingThings(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		d := openRoom(t, app)
		id := d.imsi()
		c := d.File(d.Officer, id).Case
		user, _ := c.App().EndUser()
		for _, words := range []string{c.Reference, user.Name(), "ministerstvo vnutrenn", strings.ToLower(user.Name())} {
			d.get(d.Officer, "/find?q="+url.QueryEscape(words)).HasText("#cases", c.Reference)
		}
		d.get(d.Officer, "/find?q=zzzz").HasText(".empty", "Nothing found")
		d.get(d.Officer, "/find")
		d.get(d.Customs, "/find?q=x").Status(404)
	})
}

func TestDocumentsAreKeptApart(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		d := openRoom(t, app)
		id := d.imsi()
		page := d.get(d.Officer, "/cases/"+id+"/documents")
		doc := d.File(d.Officer, id).Case.App().Documents[0]
		page.HasText("#documents", doc.Title)
		file := d.get(d.Officer, "/cases/"+id+"/documents/"+doc.ID).Status(200)
		if got := file.Header.Get("Content-Disposition"); !strings.HasPrefix(got, "attachment") {
			t.Errorf("served as %q", got)
		}
		if got := file.Header.Get("Content-Security-Policy"); !strings.Contains(got, "sandbox") {
			t.Errorf("policy %q", got)
		}
		if !strings.Contains(file.Body, "made up for a test") {
			t.Error("another document came")
		}
		d.get(d.Officer, "/cases/"+id+"/documents/other").Status(404)
	})
}
