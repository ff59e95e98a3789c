package authority_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/comity-project/comity/content"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/evidence"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/web"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui/uitest"
)

// desk is a house with its site, for tests of what officers do with a case.
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
	e, err := app.Engines(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	front := door.New(app)
	front.States = map[string]string{}
	for code, x := range e.Destinations {
		front.States[code] = x.Name
	}
	site, err := web.Site(front, web.Options{Catalogue: cat})
	if err != nil {
		t.Fatal(err)
	}
	return desk{nodetest.Staff(t, app), site}
}

// page asks for a page, and holds it to be sound and fully worded.
func (d desk) page(path string, who *http.Cookie) *uitest.Answer {
	d.T.Helper()
	a := uitest.Get(d.T, d.site, path, who).Status(http.StatusOK)
	a.Sound()
	if i := strings.Index(a.Body, ">["); i >= 0 {
		d.T.Errorf("%s says a key: %q", path, a.Body[i:min(i+80, len(a.Body))])
	}
	if dir := os.Getenv("COMITY_PAGES"); dir != "" {
		name := strings.NewReplacer("/", "_", "?", "_", "#", "_", "=", "_", "&", "_").Replace(path) + ".html"
		if err := os.WriteFile(filepath.Join(dir, name), []byte(a.Body), 0o600); err != nil {
			d.T.Fatal(err)
		}
	}
	return a
}

// karsovia is the first worked case, submitted and with its officer.
func (d desk) karsovia() (string, assessment.Input) {
	d.T.Helper()
	in := nodetest.Example(d.T, "01")
	return d.Submit(d.Application(in)), in
}

// An assessment is made through the pages alone: facts, severity, groups, the
// adviser's own view, findings on every test with nothing chosen ahead, and the
// completion, which names what is missing until nothing is.
func TestAssessmentIsMadeOnItsPages(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		d := newDesk(t, app)
		id, in := d.karsovia()
		d.Settle(id, in)
		officer, adviser := d.SignIn(d.Officer), d.SignIn(d.Adviser)
		tab := "/cases/" + id + "/assessment"

		page := d.page(tab, officer)
		page.HasText(".blocks a", "tests have no finding")
		page.HasText(".blocks a", "which groups would be affected")
		page.HasText("article.finding", "There is a clear risk that the item might be used for internal repression.")
		page.HasText("article.finding", "report of a UN special procedure")
		page.HasText("#destination", "Sets the level of scrutiny; decides nothing by itself.")
		page.NothingChosen("findings.1.CP2-a")

		// The adviser is shown no judgement of others before their own.
		before := d.page(tab, adviser)
		before.HasText("h2", "Your own view comes first")
		before.LacksText("By what the item reaches")
		own := d.page(tab+"/view?line=1", adviser).Form(tab + "/view")
		uitest.Post(t, d.site, own, adviser).Status(http.StatusUnprocessableEntity).HasText(".govuk-error-summary a", "Say how likely harm is.")
		own.Set("likelihood", "likely")
		own.Set("severity", "5")
		own.Set("worry", "Who stood in the square will be known by night.")
		own.Add("refuse", "1")
		refused := uitest.Post(t, d.site, own, adviser).Status(http.StatusUnprocessableEntity)
		refused.HasText("textarea", "Who stood in the square")
		own.Set("grounds.1", "The unit has done so twice.")
		uitest.Post(t, d.site, own, adviser).Redirects(tab + "?line=1#view")
		d.page(tab, adviser).HasText("#severity", "By what the item reaches")

		groups := d.page(tab+"/groups?line=1", officer).Form(tab + "/groups")
		for _, g := range assessment.Groups {
			d.page(tab+"/groups?line=1", officer).NothingChosen("groups." + string(g))
			groups.Set("groups."+string(g), "affected")
		}
		groups.Set("groups.vulnerable", "unknown")
		uitest.Post(t, d.site, groups, officer).Status(http.StatusUnprocessableEntity)
		groups.Set("reason", "By the two reports.")
		uitest.Post(t, d.site, groups, officer).Redirects(tab + "?line=1#groups")

		// To complete now is refused, with each part named and linked.
		complete := d.page(tab, officer).Form(tab + "/complete")
		early := uitest.Post(t, d.site, complete, officer).Status(http.StatusConflict)
		early.HasText(".govuk-error-summary a", "there is no finding on CP2-a")
		if to := early.Link("Line 3: there is no finding on CP2-a."); to != tab+"?line=3#rule-3-CP2-a" {
			t.Errorf("what is missing is solved at %q", to)
		}

		// Milder than the facts is refused; nothing typed is lost.
		form := d.page(tab, officer).Form(tab + "/findings")
		for _, f := range d.Findings(id) {
			if f.Line != "1" {
				continue
			}
			name := "findings.1." + f.Rule
			form.Set(name, string(f.Status))
			if len(f.Facts) > 0 {
				form.Set(name+".facts", "yes")
			} else {
				form.Set(name+".search", "case file and own register")
			}
		}
		form.Set("findings.1.CP2-a", "not_met")
		form.Values["also"] = []string{"2", "3"}
		milder := uitest.Post(t, d.site, form, officer).Status(http.StatusUnprocessableEntity)
		milder.HasText(".govuk-error-summary a", "The facts on record meet this test.")
		form = milder.Form(tab + "/findings")
		if got := form.Get("findings.1.CP2-a"); got != "not_met" {
			t.Errorf("the answer given came back as %q", got)
		}
		form.Set("findings.1.CP2-a", "met")
		uitest.Post(t, d.site, form, officer).Redirects(tab + "?line=1#tests")

		after := d.page(tab, officer)
		after.HasText("article.finding", "Found met by Person officer")
		uitest.Post(t, d.site, after.Form(tab+"/complete"), officer).Redirects(tab + "#complete")
		d.page(tab, officer).HasText("#complete", "Complete on the case as it stands")
	})
}

// A fact is recorded with source and date, replaced and withdrawn, and an
// unknown shows the question that would settle it with both ways to ask.
func TestFactsAreRecordedWithSourceAndDate(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		d := newDesk(t, app)
		id, in := d.karsovia()
		in.Answers = in.Answers[:3]
		d.Settle(id, in)
		officer := d.SignIn(d.Officer)
		tab := "/cases/" + id + "/assessment"
		page := d.page(tab, officer)
		page.HasText(".question", "Has this end user used such items for repression")
		page.HasText(".question a", "Ask the applicant")
		page.HasText(".question a", "Record what you found")

		d.page(tab+"/fact?line=1", officer).HasText("option", "A test waits for this: Has this end user used such items")
		form := d.page(tab+"/fact?line=1&fact=user.abuse_record", officer).NothingChosen("value", "about")
		f := form.Form(tab + "/fact")
		f.Set("value", "no")
		f.Set("about", "party")
		f.Set("searched", "")
		bad := uitest.Post(t, d.site, f, officer).Status(http.StatusUnprocessableEntity)
		bad.HasText(".govuk-error-summary a", "Give the day as of which this holds.")
		f.Set("date.day", "6")
		f.Set("date.month", "11")
		f.Set("date.year", "2026")
		uitest.Post(t, d.site, f, officer).Status(http.StatusUnprocessableEntity).HasText(".govuk-error-summary a", "where you looked and found nothing")
		f.Set("searched", "own register, notices of partners, findings of the UN")
		uitest.Post(t, d.site, f, officer).Redirects(tab + "?line=1#facts")
		page = d.page(tab, officer)
		page.HasText("#facts td", "Searched: own register, notices of partners")
		replace := page.Link("Replace Has this end user used such items for repression or other serious violations or abuses?")
		r := d.page(replace, officer).HasText(".inset", "This takes the place of: no").Form(tab + "/fact")
		r.Set("value", "yes")
		r.Set("source", "report of a UN special procedure")
		r.Set("date.day", "11")
		r.Set("date.month", "4")
		r.Set("date.year", "2026")
		uitest.Post(t, d.site, r, officer).Redirects(tab + "?line=1#facts")
		d.page(tab, officer).HasText("article.finding", "7 months old")
	})
}

// Mitigation names what it rests on; only what counts is offered. A refusal says
// what it hangs on, and an adviser who has not spoken sees neither.
func TestMitigationAndWhatARefusalHangsOn(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		d := newDesk(t, app)
		in := nodetest.Example(t, "01")
		id := d.Submit(d.Application(in))
		d.Settle(id, in)
		officer, adviser := d.SignIn(d.Officer), d.SignIn(d.Adviser)
		tab := "/cases/" + id + "/assessment"
		page := d.page(tab, officer).HasText("#mitigation", "the risk is what it is").HasText("#turns", "More than four answers would have to be otherwise.")
		d.page(tab, adviser).Count("#turns", 0).LacksText("State mitigation and residual")
		form := d.page(page.Link("State mitigation and residual"), officer).NothingChosen("likelihood", "residual", "measures").LacksText("will not be misused so that")
		f := form.Form(tab + "/mitigation")
		f.Set("likelihood", "likely")
		f.Set("residual", "possible")
		bad := uitest.Post(t, d.site, f, officer).Status(http.StatusUnprocessableEntity)
		bad.HasText(".govuk-error-summary a", "Name what lowers it").HasText(".govuk-error-summary a", "reason")
		f.Set("measures", "assurance/not_misused")
		f.Set("reason", "A promise.")
		uitest.Post(t, d.site, f, officer).Status(http.StatusUnprocessableEntity).HasText(".govuk-error-summary a", "that changes nothing")
		f.Set("measures", "condition/audit-log")
		f.Set("reason", "The log shows each measure.")
		uitest.Post(t, d.site, f, officer).Redirects(tab + "?line=1#mitigation")
		d.page(tab, officer).HasText("#mitigation strong", "Residual: ").HasText("#mitigation li", "audit log").HasText("#mitigation", "The log shows each measure.")
		d.page(tab, adviser).LacksText("The log shows each measure.")
		d.page("/cases/"+id+"/history", officer).HasText("main", "Mitigation and residual were stated.")
	})
}

// A fact rests on a source of the library: its words and grade come from there,
// and when the source is withdrawn the page of the case says so.
func TestAFactRestsOnASourceOfTheLibrary(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		d := newDesk(t, app)
		id, in := d.karsovia()
		in.Answers = in.Answers[:3]
		d.Settle(id, in)
		item, officer := node.NewID(), d.SignIn(d.Officer)
		d.Do(d.Adviser, evidence.Add{
			OnItem: evidence.OnItem{Item: item}, Country: in.Destination, Marking: evidence.Amber, Grade: "B2", Published: "2026-04-11",
			Details: evidence.Details{Title: "Visit to Karsovia", Source: "UN special procedure", Says: "Phones were read at two assemblies."},
		})
		d.Do(d.Adviser, evidence.Open{OnBrief: evidence.OnBrief{Brief: node.NewID()}, About: evidence.Destination, Subject: in.Destination, Marking: evidence.Amber, ReviewBy: "2026-12-01"})
		tab := "/cases/" + id + "/assessment"
		f := d.page(tab+"/fact?line=1&fact=user.abuse_record", officer).HasText("option", "Visit to Karsovia").Form(tab + "/fact")
		f.Set("value", "yes")
		f.Set("about", "party")
		f.Set("item", item)
		f.Set("date.day", "11")
		f.Set("date.month", "4")
		f.Set("date.year", "2026")
		uitest.Post(t, d.site, f, officer).Redirects(tab + "?line=1#facts")
		page := d.page(tab, officer).HasText("#facts td", "Visit to Karsovia, UN special procedure").HasText("article.finding", "Visit to Karsovia")
		page.HasText("#briefs a", "Brief on")
		d.Do(d.Adviser, evidence.Withdraw{OnItem: evidence.OnItem{Item: item}, Reason: "The author took it back."})
		app.Runner().Drain(context.Background())
		d.page(tab, officer).HasText("#facts td", "source withdrawn on")
	})
}

// C1-6: after completion a new party, hit, document or fact makes the assessment
// stale; what changed is named, and it is confirmed again.
func TestC1_6_StaleAssessmentIsConfirmedAgain(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		d := newDesk(t, app)
		id, in := d.karsovia()
		d.Settle(id, in)
		d.Complete(id, in)
		officer := d.SignIn(d.Officer)
		tab := "/cases/" + id + "/assessment"
		d.page(tab, officer).HasText("#complete", "Complete on the case as it stands")
		d.Do(d.Officer, licensing.ChangeBasis{On: licensing.On{Case: id}, What: licensing.BasisIncident, Ref: "incident/7", Note: "A detention in Veden."})
		stale := d.page(tab, officer)
		stale.HasText("#complete", "Since it was completed, this changed:")
		stale.HasText("#complete li", "A detention in Veden.")
		uitest.Post(t, d.site, stale.Form(tab+"/complete"), officer).Redirects(tab + "#complete")
		d.page(tab, officer).HasText("#complete", "Complete on the case as it stands")
	})
}

// To the same destination a protective item is assessed without extra steps, and
// the page says why the destination did not decide.
func TestProtectiveCaseSaysWhyDestinationDidNotDecide(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		d := newDesk(t, app)
		in := nodetest.Example(t, "12")
		id := d.Submit(d.Application(in))
		d.Settle(id, in)
		page := d.page("/cases/"+id+"/assessment", d.SignIn(d.Officer))
		page.HasText(".banner", "Why the destination did not decide")
		page.HasText(".banner", "there is no known path from this item to harm")
	})
}

// The tests of a line stand in an index, those that wait for a person first, and
// the matches that a test rests on stand beside it.
func TestAssessmentShowsWhatIsOpenFirst(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		d := newDesk(t, app)
		id, in := d.karsovia()
		if err := app.ScreenCase(context.Background(), id); err != nil {
			t.Fatal(err)
		}
		officer, tab := d.SignIn(d.Officer), "/cases/"+id+"/assessment"
		page := d.page(tab, officer)
		page.HasText("#lines td", "to be found")
		page.HasText("details.tests summary", "To be found")
		page.Count("details.tests[open]", 1)
		if to := page.Link("CP2-a Unknown · to be found"); to != "#rule-1-CP2-a" {
			t.Errorf("the index leads to %q", to)
		}
		beside := 0
		for _, h := range d.File(d.Officer, id).Assessment.Hits {
			if h.Kind != assessment.Watch && h.Open() && len(page.All("article.finding a[href=/cases/"+id+"/parties#hit-"+h.ID+"]")) > 0 {
				beside++
			}
		}
		if beside == 0 {
			t.Error("no match stands beside the tests that wait for it")
		}
		d.Settle(id, in)
		d.Complete(id, in, "1")
		done := d.page(tab, officer)
		done.HasText("details.tests summary", "Met (")
		done.HasText("#lines td", "0 to be found")
	})
}
