package evidence_test

import (
	"context"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/evidence"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/web/ui/uitest"
	"github.com/comity-project/comity/policy"
)

// A question is put from the assessment of a case, stands on the asker's work
// list, is held, chased and answered into the library, and the fact is recorded
// on the answer.
func TestAQuestionIsAnsweredIntoTheLibrary(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		d := newDesk(t, app)
		in := nodetest.Example(t, "01")
		c := d.Submit(d.Application(in))
		d.Settle(c, in)
		d.Do(d.Adviser, assessment.RecordView{Case: c, Likelihood: assessment.Possible, Severity: 4, Worry: "Who runs it is not known."})
		tab := d.page("/cases/"+c+"/assessment", d.Adviser).HasText("#questions", "None was put for this case.")
		f := d.page(tab.Link("Ask an embassy or a department"), d.Adviser).NothingChosen("of", "marking").Form("/questions/new")
		if f.Get("case") != c || f.Get("country") != in.Destination {
			t.Errorf("the form is about %v", f.Values)
		}
		f.Set("fact", "user.abuse_record")
		f.Set("text", "Does the unit have a record?")
		bad := d.post(f, d.Adviser).Status(http.StatusUnprocessableEntity)
		bad.HasText(".govuk-error-summary a", "Choose who is asked.").HasText(".govuk-error-summary a", "Say to whom").HasText(".govuk-error-summary a", "Give a day to come")
		f.Set("of", "embassy")
		f.Set("whom", "Embassy in Karsovia")
		f.Set("marking", "amber")
		date(f, "due", "20", "11", "2026")
		id := f.Get("id")
		d.post(f, d.Adviser).Redirects("/questions/" + id)
		d.page("/work", d.Adviser).HasText("#duties", "Answer of Embassy in Karsovia").HasText("#duties", "due 20 November 2026")
		d.page("/work", d.Officer).Count("#duties", 0)
		d.page("/cases/"+c+"/assessment", d.Officer).HasText("#questions", "Embassy in Karsovia")
		page := d.page("/questions/"+id, d.Officer).HasText("#about", d.File(d.Officer, c).Case.Reference).HasText("#came", "Nothing yet.")
		d.page("/questions/"+id, d.Auditor).LacksText("Take in the answer")

		hold := d.page(page.Link("Record a holding reply"), d.Officer).Form("/questions/" + id + "/hold")
		hold.Set("note", "The ministry was asked.")
		date(hold, "due", "1", "12", "2026")
		d.post(hold, d.Officer).Redirects("/questions/" + id)
		chase := d.page("/questions/"+id+"/chase", d.Adviser).Form("/questions/" + id + "/chase")
		d.post(chase, d.Adviser).Redirects("/questions/" + id)
		d.page("/questions/"+id, d.Officer).HasText("#came", "It promises an answer by 1 December 2026.").HasText("#came", "Person adviser asked again")
		d.page("/questions?state=open", d.Officer).HasText("tbody th", "Embassy in Karsovia").HasText("tbody td", "Does the unit have a record?")

		answer := d.page("/questions/"+id+"/answer", d.Adviser).NothingChosen("marking", "reliability").Form("/questions/" + id + "/answer")
		answer.Set("title", "The gendarmerie's special unit")
		answer.Set("says", "It was disbanded for unlawful searches in 2024.")
		d.post(answer, d.Adviser).Status(http.StatusUnprocessableEntity).HasText(".govuk-error-summary a", "Choose both halves of the grade.")
		answer.Set("reliability", "A")
		answer.Set("credibility", "2")
		answer.Set("marking", "amber")
		date(answer, "published", "8", "11", "2026")
		item := answer.Get("item")
		d.post(answer, d.Adviser).Redirects("/evidence/" + item)
		d.page("/evidence/"+item, d.Officer).HasText("h1", "The gendarmerie's special unit").HasText(".page-head", "Embassy in Karsovia · reply to a question")
		d.page("/evidence?kind=reply", d.Officer).Count("tbody tr", 1)
		d.page("/evidence?kind=civil_society", d.Officer).HasText("h2", "Nothing like this")
		d.page("/work", d.Adviser).Count("#duties", 0)
		done := d.page("/questions/"+id, d.Officer).LacksText("Take in the answer")
		fact := d.page(done.Link("Record the fact that it answers"), d.Officer).Form("/cases/" + c + "/assessment/fact")
		if fact.Get("item") != item || fact.Get("fact") != "user.abuse_record" {
			t.Errorf("the form of the fact is of %v", fact.Values)
		}
		again := evidence.Chase{OnQuestion: evidence.OnQuestion{Question: id}}
		if err := app.Do(context.Background(), d.Officer, again); !fault.Is(err, fault.Blocked) {
			t.Errorf("a closed question was asked again: %v", err)
		}
	})
}

// What nobody answered is unknown: the page says so, and a fact can't rest on the
// silence.
func TestAnUnansweredQuestionIsUnknown(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		d := newDesk(t, app)
		in := nodetest.Example(t, "01")
		c := d.Submit(d.Application(in))
		id := node.NewID()
		on := evidence.OnQuestion{Question: id}
		d.Do(d.Officer, evidence.Ask{OnQuestion: on, Of: evidence.Department, Words: evidence.Asking{Whom: "Ministry of Justice", Text: "Does the unit have a record?"}, Case: c, Fact: "user.abuse_record", Country: in.Destination, Marking: evidence.Amber, Due: "2026-11-20"})
		silence := assessment.RecordFact{Case: c, ID: node.NewID(), Answer: assessment.Answer{Fact: "user.abuse_record", Value: policy.Bool(false), Searched: "We asked the Ministry of Justice; no reply.", Date: "2026-11-09"}}
		refused := func(when string) {
			t.Helper()
			if err := app.Do(context.Background(), d.Officer, silence); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s a fact rests on silence: %v", when, err)
			}
		}
		refused("while it is open")
		clock.Move(15 * 24 * time.Hour)
		officer := nodetest.Person(t, app, d.Authority, "late", access.LicensingOfficer)
		d.page("/questions?late=yes", officer).HasText("tbody td", "overdue")
		f := d.page("/questions/"+id+"/give-up", officer).HasText("form", "stays unknown").Form("/questions/" + id + "/give-up")
		d.post(f, officer).Status(http.StatusUnprocessableEntity).HasText(".govuk-error-summary a", "Say why it is closed.").HasText(".govuk-error-summary", "missing")
		f.Set("why", "The ministry does not answer questions on units.")
		d.post(f, officer).Redirects("/questions/" + id)
		d.page("/questions/"+id, officer).HasText(".banner", "What was asked stays unknown.").HasText(".banner", "not that there is no concern")
		d.page("/cases/"+c+"/assessment", officer).HasText("#questions", "closed without an answer: unknown")
		refused("after it was closed")
		unknown := silence
		unknown.ID, unknown.Answer.Value = node.NewID(), policy.Value{}
		d.Do(d.Officer, unknown)
		sourced := silence
		sourced.ID, sourced.Answer.Source = node.NewID(), "Register of courts"
		d.Do(d.Officer, sourced)
	})
}

// A question lies where its case does; who was not admitted knows of neither, on
// no list and no work list.
func TestAQuestionLiesInItsCompartment(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		d := newDesk(t, app)
		c := d.Submit(d.Application(nodetest.Example(t, "01")))
		d.Do(access.System(), licensing.MoveCompartment{On: licensing.On{Case: c}, Compartment: "sealed", Why: "A source at risk."})
		in := d.Adviser
		in.Compartments = []string{"sealed"}
		ask := evidence.Ask{OnQuestion: evidence.OnQuestion{Question: node.NewID()}, Of: evidence.Embassy, Words: evidence.Asking{Whom: "Embassy in Karsovia", Text: "Secret?"}, Case: c, Marking: evidence.Red, Compartment: "sealed", Due: "2026-11-20"}
		outside := ask
		outside.Compartment, outside.Marking = "", evidence.Amber
		if err := app.Do(context.Background(), in, outside); !fault.Is(err, fault.Invalid) {
			t.Errorf("a question on a sealed case lies in the open: %v", err)
		}
		if err := app.Do(context.Background(), d.Officer, outside); !fault.Is(err, fault.NotFound) {
			t.Errorf("who may not see the case: %v", err)
		}
		d.Do(in, ask)
		d.page("/questions", d.Officer).HasText("h2", "No question here")
		d.page("/work", d.Adviser).Count("#duties", 0) // the session is of somebody not admitted
		uitest.Get(t, d.site, "/questions/"+ask.Question, d.SignIn(d.Officer)).Status(http.StatusNotFound)
		uitest.Get(t, d.site, "/questions/new?"+url.Values{"case": {c}}.Encode(), d.SignIn(d.Officer)).Status(http.StatusNotFound)
		if f, err := app.QuestionFile(context.Background(), in, ask.Question); err != nil || f.Reference == "" {
			t.Errorf("who was admitted: %v", err)
		}
	})
}

// A summary of what civil society told us comes in by its form with nothing by
// which anybody could be found.
func TestASummaryProtectsItsSource(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		d := newDesk(t, app)
		f := d.page("/evidence/new", d.Adviser).NothingChosen("kind").Form("/evidence/new")
		f.Set("kind", "civil_society")
		f.Set("title", "Telephones read at assemblies")
		f.Set("says", "Several people told us that telephones were read at two assemblies.")
		f.Set("source", "A lawyer of the capital")
		f.Set("reliability", "B")
		f.Set("credibility", "2")
		f.Set("marking", "amber")
		f.Set("country", "XR")
		date(f, "published", "11", "4", "2026")
		d.post(f, d.Adviser).Status(http.StatusUnprocessableEntity).HasText(".govuk-error-summary a", "Leave this empty").HasText(".govuk-error-summary a", "Say whom we asked.").HasText(".govuk-error-summary a", "once somebody has read it")
		f.Set("source", "")
		f.Set("asked", "organisations")
		f.Set("reviewed", "yes")
		id := f.Get("id")
		d.post(f, d.Adviser).Redirects("/evidence/" + id)
		page := d.page("/evidence/"+id, d.Officer).HasText("#where", "organisations that we asked").HasText(".page-head", "reviewed summary of civil society").HasText(".facts", "1 April 2026")
		page.LacksText("lawyer")
	})
}
