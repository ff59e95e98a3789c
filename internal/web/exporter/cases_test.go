package exporter_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/ui/uitest"
)

// canary stands in every internal text of a case. No page for the exporter, and
// no letter, may ever say it.
const canary = "Kanarienvogel7"

// crawl asks for every page of the exporter's door that links lead to, and for
// what is downloaded there, and holds each to be without the canary.
func (f firm) crawl(words ...string) int {
	f.T.Helper()
	queue, seen := []string{"/exporter", "/exporter/applications", "/exporter/licences"}, map[string]bool{}
	for len(queue) > 0 {
		path := queue[0]
		queue = queue[1:]
		if seen[path] || !strings.HasPrefix(path, "/exporter") || path == "/exporter/people" { // that page is another door's
			continue
		}
		seen[path] = true
		a := uitest.Get(f.T, f.site, path, f.ada)
		if a.Code != http.StatusOK {
			f.T.Errorf("%s answers %d", path, a.Code)
			continue
		}
		for _, word := range append([]string{canary}, words...) {
			if strings.Contains(a.Body, word) {
				f.T.Errorf("%s says %q", path, word)
			}
			for name, values := range a.Header {
				if strings.Contains(strings.Join(values, " "), word) {
					f.T.Errorf("the header %s of %s says %q", name, path, word)
				}
			}
		}
		if !strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") {
			continue
		}
		a.Sound()
		for _, link := range a.All("a[href]") {
			href, _ := uitest.Attr(link, "href")
			href, _, _ = strings.Cut(href, "#")
			queue = append(queue, href)
		}
	}
	return len(seen)
}

// letters has what is due written: letters are jobs.
func (f firm) letters() {
	f.T.Helper()
	f.App.Runner().Drain(context.Background())
}

// The exporter's side of case 7.1: a request with a holding reply and an answer,
// a new version, an intended refusal with a reply, and the decision with its
// letters; and at no moment does any page say what is internal.
func TestFromRequestToRefusalWithoutAWordTooMany(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		f := newFirm(t, app)
		in := nodetest.Example(t, "01")
		for i := range in.Answers {
			in.Answers[i].Source += " " + canary
		}
		for i := range in.Hits {
			in.Hits[i].Reason += " " + canary
		}
		for i := range in.Assurances {
			in.Assurances[i].Text += " " + canary
		}
		id := f.Submit(f.Application(in))
		on, home := licensing.On{Case: id}, "/exporter/cases/"+id
		f.letters()
		f.Settle(id, in)
		f.Do(f.Officer, assessment.JudgeSeverity{Case: id, Line: "1", Severity: in.Lines[0].Severity, Reason: canary})
		f.page(home).HasText("main", "Being reviewed").HasText("main", "We have received your application")
		f.crawl("Person officer", "severity")

		rfi := node.NewID()
		f.Do(f.Officer, licensing.AskInformation{On: on, RFI: rfi, Questions: []licensing.Question{{ID: "q1", Text: "Which unit operates it?"}}})
		f.page("/exporter").HasText(".banner", "One application waits")
		f.page(home).HasText(".banner", "waits for your answer")
		ask := home + "/requests/" + rfi
		f.fill(ask, "text", "").Status(http.StatusUnprocessableEntity).HasText(".govuk-error-summary", "Write an answer")
		f.send(f.page(ask).Form(ask), "text", "An answer comes on Friday.", "how", "holding").Redirects(home)
		f.page(home).HasText("#requests td", "You said an answer is coming")
		f.send(f.page(ask).Form(ask), "answer.q1", "The Special Dep", "how", "later").Redirects(home)
		f.upload(ask+"/files", "list.txt", "Units\n", "title", "List of units", "answer.q1", "The Special Depart").Redirects(ask)
		f.page(ask).HasText("textarea", "The Special Depart").HasText("#files li", "List of units")
		f.crawl()
		f.send(f.page(ask).Form(ask), "answer.q1", "The Special Department, in Veden.", "how", "answer").Redirects(home)
		f.page(ask).HasText("main", "The Special Department").HasText(".docs a", "List of units")
		closed := node.NewID()
		f.Do(f.Officer, licensing.AskInformation{On: on, RFI: closed, Questions: []licensing.Question{{ID: "q1", Text: "And how many?"}}})
		f.Do(f.Officer, licensing.CloseInformation{On: on, RFI: closed, Why: canary})

		draft := goes(t, uitest.Post(t, f.site, uitest.Form{Action: home + "/amend", Values: url.Values{}}, f.ada))
		f.fill(draft+"/use", "place", "Veden alone").Redirects(draft)
		f.fill(draft+"/declaration", "accepted", "yes", "name", "Ada Quill", "why", "One town only").Redirects(home)
		f.page(home).HasText("#versions td", "One town only").Count("#versions tbody tr", 2)
		f.page(home+"/versions/1").HasText("#use dd", "other towns")
		f.page(home+"/versions/2").HasText("#use dd", "Veden alone")

		f.internal(id, in)
		told := []licensing.ReleasedReason{{Ground: "CP2-a", Text: "There is a clear risk of internal repression.", Rests: []string{"CP2-a"}}}
		hidden := []licensing.Withheld{{Basis: "Export Control Act, section 21"}}
		f.Do(f.Officer, licensing.IntendToRefuse{On: on, Lines: []string{"1", "2", "3"}, Reasons: told, Withheld: hidden})
		f.letters()
		f.page("/exporter/applications").HasText("#submitted .chip.needs", "Your turn")
		f.page(home).HasText(".banner", "A refusal is intended")
		intention := home + "/intention"
		f.page(intention).HasText("#reasons", "clear risk of internal repression").HasText("#reasons", "cannot be disclosed")
		f.crawl("CP2-b")
		f.upload(intention+"/files", "promise.txt", "We promise.\n", "title", "Letter of the ministry").Redirects(intention)
		f.send(f.page(intention).Form(intention), "text", "The ministry has promised to obey the law.", "how", "reply").Redirects(home)
		f.page(intention).HasText("main", "has promised").HasText(".docs a", "Letter of the ministry")
		f.Do(f.Officer, licensing.WeighReply{On: on, Text: canary})
		weighed := []licensing.WeighedPoint{{Point: "The ministry has promised to obey the law.", Answer: "That law asks for no order of a court."}}
		f.again(id, in)
		f.Do(f.Officer, licensing.DecideCase{On: on, Outcomes: refusals(), Reasons: canary, ToApplicant: told, Weighed: weighed, Withheld: hidden, Redress: "2026-11-22"})
		f.letters()
		done := f.page(home).HasText("#decision", "refused").HasText("#decision", "clear risk").HasText("#decision", "no order of a court").HasText("#letters li", "Decision").HasText(".facts", "Refused")
		letter := done.Link("Decision")
		f.page(letter).HasText("main", "clear risk of internal repression").HasText("main", "That law asks for no order of a court.")
		pdf := uitest.Get(t, f.site, f.page(letter).Link("Download as PDF"), f.ada).Status(http.StatusOK)
		if !strings.HasPrefix(pdf.Body, "%PDF") || !strings.HasPrefix(pdf.Header.Get("Content-Disposition"), "attachment") || !strings.Contains(pdf.Header.Get("Content-Security-Policy"), "sandbox") {
			t.Errorf("the PDF comes as %v", pdf.Header)
		}
		word := uitest.Get(t, f.site, f.page(letter).Link("Download as DOCX"), f.ada).Status(http.StatusOK)
		if !strings.HasPrefix(word.Body, "PK") || !strings.Contains(word.Header.Get("Content-Disposition"), ".docx") {
			t.Errorf("the DOCX comes as %v", word.Header)
		}
		uitest.Post(t, f.site, uitest.Form{Action: home + "/amend", Values: url.Values{}}, f.ada).Status(http.StatusConflict)
		done.HasText("#decision", "You can appeal against this decision until")
		contest := home + "/appeal"
		f.page(contest).HasText("main", "against the decision of")
		f.upload(contest+"/files", "extract.txt", "Dissolved.\n", "title", "Extract of the register").Redirects(contest)
		empty := f.page(contest).Form(contest)
		empty.Set("how", "appeal")
		uitest.Post(t, f.site, empty, f.ada).Status(http.StatusUnprocessableEntity).HasText(".govuk-error-summary a", "Write")
		f.send(f.page(contest).Form(contest), "text", "The unit was dissolved.", "how", "appeal").Redirects(home)
		f.page(home).HasText(".facts", "Under appeal").HasText("#appeal", "The unit was dissolved.").HasText("#appeal", "Extract of the register").HasText("#decision", "clear risk")
		uitest.Get(t, f.site, contest, f.ada).Status(http.StatusNotFound)
		a := f.File(f.Officer, id).Case.Appeal()
		f.Do(f.Coordinator, licensing.AssignReview{On: on, Appeal: a.ID, Reviewers: []string{f.Second.Account}})
		f.Do(f.Second, licensing.DecideAppeal{On: on, Appeal: a.ID, Result: licensing.Annulled, Reasons: canary, Told: "The extract changes what was known."})
		f.letters()
		clock.Move(time.Hour)
		f.page(home).HasText("#appeal", "The reviewers annulled").HasText("#appeal", "The extract changes what was known.").HasText(".banner", "decided anew").HasText("#letters li", "The word on your appeal")
		if n := f.crawl("CP2-b"); n < 20 {
			t.Errorf("only %d pages were looked at", n)
		}
	})
}

func refusals() []licensing.LineOutcome {
	var out []licensing.LineOutcome
	for _, l := range []string{"1", "2", "3"} {
		out = append(out, licensing.LineOutcome{Line: l, Outcome: licensing.RefuseLine, Grounds: []string{"CP2-a"}})
	}
	return out
}

// internal carries a case to a countersigned recommendation, with the canary in
// every text on the way.
func (f firm) internal(id string, in assessment.Input) {
	f.T.Helper()
	on := licensing.On{Case: id}
	f.Do(f.Officer, assessment.RecordFact{Case: id, ID: node.NewID(), Answer: in.Answers[0]})
	f.Do(f.Officer, licensing.ChangeBasis{On: on, What: licensing.BasisIncident, Ref: "incident", Note: canary})
	f.Screen(id, in)
	f.Complete(id, in, "1", "2", "3")
	f.Do(f.Officer, licensing.AskAdvice{On: on, Departments: []string{"human_rights"}})
	advice := licensing.GiveAdvice{On: on, Advice: node.NewID(), Department: "human_rights", Role: access.RightsAdviser, Text: canary}
	for _, l := range []string{"1", "2", "3"} {
		advice.Views = append(advice.Views, licensing.View{Line: l, Advice: licensing.Refuse, Grounds: []licensing.Ground{{ID: "G" + l, Rule: "CP2-a", Text: canary}}})
	}
	f.Do(f.Adviser, advice)
	f.Do(f.Officer, licensing.Recommend{On: on, Outcomes: refusals(), Reasons: canary})
	f.Do(f.Second, licensing.Countersign{On: on, Agree: false, Reasons: canary})
	f.Do(f.Officer, licensing.Recommend{On: on, Outcomes: refusals(), Reasons: "Once more, " + canary})
	f.Do(f.Senior, licensing.Countersign{On: on, Agree: true})
}

// again confirms what the reply made stale.
func (f firm) again(id string, in assessment.Input) {
	f.T.Helper()
	on := licensing.On{Case: id}
	c := f.File(f.Officer, id).Case
	if c.Assessed.Basis < c.Basis {
		f.Do(f.Officer, assessment.Complete{Case: id})
	}
	for _, a := range c.Advice {
		if a.Basis < c.Basis {
			f.Do(f.Adviser, licensing.ConfirmAdvice{On: on, Advice: a.ID, Note: canary})
		}
	}
	if n := len(c.Signatures); n > 0 && c.Signatures[n-1].Basis < c.Basis {
		f.Do(f.Senior, licensing.Countersign{On: on, Agree: true})
	}
}

// A licence is shown with its lines, conditions and status, and its parties can
// be used again in the next application.
func TestLicenceAndPartiesUsedAgain(t *testing.T) {
	f := newFirm(t, nodetest.Open(t, store.SQLite, nodetest.NewClock()))
	in := nodetest.Example(t, "12")
	id := f.Submit(f.Application(in))
	f.Settle(id, in)
	f.Complete(id, in)
	on := licensing.On{Case: id}
	issue := []licensing.LineOutcome{{Line: in.Lines[0].ID, Outcome: licensing.Issue}}
	conditions := []licensing.Condition{{ID: "c1", Type: licensing.Reports, Who: "licensee", What: "Say each year how many licences are in use.", EveryDays: 365, Verify: "Comparison with deliveries", Consequence: "Reminder, then suspension"}}
	f.Do(f.Officer, licensing.Recommend{On: on, Outcomes: issue, Conditions: conditions, Reasons: canary})
	f.Do(f.Senior, licensing.Countersign{On: on, Agree: true})
	from := deadline.DateOf(f.App.Now(), nil)
	f.Do(f.Officer, licensing.DecideCase{
		On: on, Outcomes: issue, Conditions: conditions, Reasons: canary, Redress: "2026-11-22",
		ToApplicant: []licensing.ReleasedReason{{Ground: "COC-4a", Text: "It protects those who use it."}},
		Licence:     &licensing.NewLicence{ID: node.NewID(), Code: "0123456789ABCDEFGHJK", From: from, Until: from.Add(730)},
	})
	f.letters()
	list := f.page("/exporter/licences").HasText("td", "Valid")
	href, _ := uitest.Attr(list.One("tbody th a"), "href")
	letter := f.page(f.page(href).Link("Licence"))
	letter.HasText("main", "Comparison with deliveries").HasText("main", "Reminder, then suspension").HasText("main", "every 365 days")
	f.page(href).HasText("#conditions li", "how many licences").HasText("#lines th", "encryption").HasText("#letters li", "Licence")
	f.crawl()

	d := f.begin()
	earlier := d + "/parties/earlier"
	f.fill(earlier).Status(http.StatusUnprocessableEntity).HasText(".govuk-error-summary", "Choose at least one")
	f.fill(earlier, "chosen", id+"/newspaper").Redirects(d + "/parties")
	f.page(d+"/parties").HasText("tbody th", "Веденский листок").HasText("td", "end user")
	items := d + "/items/earlier"
	f.page(items+"?q=nothing").HasText("h2", "No item to use again")
	f.fill(items, "chosen", id+"/1").Redirects(d + "/items")
	f.page(d+"/items").HasText("tbody th", "encryption").Count("tbody tr", 1)
	f.page(earlier+"?q=vedensky").Count("input[name=chosen]", 0) // the second name is an alias, not a latin form
}

// A list is walked page by page, each application once, those that wait for the
// applicant first; what came in meanwhile disturbs nothing.
func TestListIsWalkedOncePageByPage(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		f := newFirm(t, app)
		in := nodetest.Example(t, "12")
		var first string
		for i := range 30 {
			a := f.Application(in)
			a.Title = fmt.Sprintf("Newspaper %02d", i)
			f.Do(f.Applicant, licensing.Submit{On: licensing.On{Case: a.ID}, Application: a})
			if i == 0 {
				first = a.ID
			}
			clock.Move(time.Minute)
		}
		f.Do(f.Coordinator, licensing.Assign{On: licensing.On{Case: first}, Officer: f.Officer.Account})
		f.Do(f.Officer, licensing.AskInformation{On: licensing.On{Case: first}, RFI: node.NewID(), Questions: []licensing.Question{{ID: "q", Text: "Who?"}}})
		page := f.page("/exporter/applications")
		titles := page.Texts("#submitted tbody th a")
		if len(titles) != 25 || titles[0] != "Newspaper 00" || titles[1] != "Newspaper 29" {
			t.Fatalf("the first page has %q", titles)
		}
		a := f.Application(in)
		a.Title = "Newspaper 99"
		f.Do(f.Applicant, licensing.Submit{On: licensing.On{Case: a.ID}, Application: a})
		more := f.page(page.Link("Next")).Texts("#submitted tbody th a")
		if len(more) != 5 || more[4] != "Newspaper 01" || more[0] != "Newspaper 05" {
			t.Errorf("the second page has %q", more)
		}
		found := f.page("/exporter/applications?q=paper+07").Texts("#submitted tbody th a")
		if len(found) != 1 || found[0] != "Newspaper 07" {
			t.Errorf("found %q", found)
		}
		f.page("/exporter/applications?q=%25").HasText("main", "Nothing fits")
	})
}
