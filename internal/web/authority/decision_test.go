package authority_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/web/ui/uitest"
)

func setDay(f uitest.Form, name string, day time.Time) {
	f.Set(name+".day", day.Format("2"))
	f.Set(name+".month", day.Format("1"))
	f.Set(name+".year", day.Format("2006"))
}

// An assurance is sought, answered and checked on its pages. Without authority
// on record it counts as absent, and the page says why.
func TestAssurancesShowWhetherTheyCount(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		d := newDesk(t, app)
		id, _ := d.karsovia()
		officer := d.SignIn(d.Officer)
		tab := "/cases/" + id + "/assurances"
		d.page(tab, officer).HasText(".empty", "No assurance was sought")
		seek := d.page(tab+"/new", officer).NothingChosen("from", "clauses").Form(tab + "/new")
		uitest.Post(t, d.site, seek, officer).Status(http.StatusUnprocessableEntity).HasText(".govuk-error-summary a", "Choose the party that is asked.")
		seek.Set("from", "ministry")
		seek.Values["clauses"] = []string{"not_misused", "not_reexported"}
		seek.Set("how", "note verbale 14")
		seek.Set("text", "We ask you to assure that …")
		uitest.Post(t, d.site, seek, officer).Redirects(tab)
		page := d.page(tab, officer)
		page.HasText("td", "not answered: counts as absent")
		reply := d.page(page.Link("Record the reply"), officer).Form(tab + "/reply")
		reply.Set("reply.not_misused", "given")
		reply.Set("reply.not_reexported", "declined")
		reply.Set("text", "We shall obey the law.")
		reply.Set("check", "visit to the site of use")
		bad := uitest.Post(t, d.site, reply, officer).Status(http.StatusUnprocessableEntity)
		bad.HasText(".govuk-error-summary a", "Name who signed.")
		bad.HasText("textarea", "We shall obey the law.")
		reply.Set("signatory", "Orest Vydran")
		reply.Set("function", "deputy minister")
		reply.Set("source", "the paper itself")
		setDay(reply, "retain", clock.Now().AddDate(10, 0, 0))
		uitest.Post(t, d.site, reply, officer).Redirects(tab)
		page = d.page(tab, officer)
		page.HasText("td", "the signatory's authority is not on record; counts as absent")
		page.HasText(".banner li", "The recipient declined an assurance of the Code.")
		page.HasText(".banner li", "The item will not be re-exported.")

		check := d.page(page.Link("Record a check"), officer).NothingChosen("result", "clauses").Form(tab + "/check")
		check.Values["clauses"] = []string{"not_misused"}
		check.Set("result", "broken")
		check.Set("evidence", "The vehicles stood at the square.")
		setDay(check, "day", clock.Now())
		uitest.Post(t, d.site, check, officer).Redirects(tab)
		d.page(tab, officer).HasText("td", "broken: counts as absent")
	})
}

// advise asks the adviser through the pages, and lets them answer: to refuse
// every line, or to let it go.
func (d desk) advise(id string, refuse bool) {
	d.T.Helper()
	officer, adviser, tab := d.SignIn(d.Officer), d.SignIn(d.Adviser), "/cases/"+id+"/advice"
	ask := d.page(tab+"/ask", officer).NothingChosen("departments").Form(tab + "/ask")
	ask.Values["departments"] = []string{"human_rights"}
	uitest.Post(d.T, d.site, ask, officer).Redirects(tab)
	give := d.page(tab+"/new", adviser).Form(tab + "/new")
	give.Set("department", "human_rights")
	give.Set("text", "Whoever stood there will be known by night.")
	for _, l := range d.File(d.Officer, id).Case.App().Lines {
		give.Set("line."+l.ID, "approve")
		if refuse {
			give.Set("line."+l.ID, "refuse")
			give.Set("line."+l.ID+".ground.1", "The unit has done so twice.")
		}
	}
	uitest.Post(d.T, d.site, give, adviser).Redirects(tab)
	d.page(tab, officer).HasText("#advice", "Whoever stood there will be known by night.")
}

// recommend recommends outcomes through the pages and has them countersigned.
func (d desk) recommend(id string, outcome map[string]string, grounds string, conditions ...string) {
	d.T.Helper()
	officer, senior, tab := d.SignIn(d.Officer), d.SignIn(d.Senior), "/cases/"+id+"/decision"
	rec := d.page(tab+"/recommend", officer).Form(tab + "/recommend")
	for line, o := range outcome {
		rec.Set("outcome."+line, o)
		if o == "refuse" {
			rec.Values["grounds."+line] = []string{grounds}
		}
	}
	rec.Values["conditions"] = conditions
	rec.Set("reasons", "As the sheet shows.")
	uitest.Post(d.T, d.site, rec, officer).Redirects(tab)
	sign := d.page(tab+"/countersign", senior).NothingChosen("agree").Form(tab + "/countersign")
	sign.Set("agree", "yes")
	uitest.Post(d.T, d.site, sign, senior).Redirects(tab)
}

// The first worked case is carried to its refusal: recommendation, second
// person, intention with texts of its own, reply weighed, decision, replay.
func TestCaseIsCarriedToRefusal(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		d := newDesk(t, app)
		id, in := d.karsovia()
		d.Settle(id, in)
		d.Complete(id, in, "1", "2", "3")
		d.advise(id, true)
		officer, senior, tab := d.SignIn(d.Officer), d.SignIn(d.Senior), "/cases/"+id+"/decision"
		d.page(tab+"/recommend", officer).NothingChosen("outcome.1", "outcome.2", "outcome.3", "conditions")
		d.recommend(id, map[string]string{"1": "refuse", "2": "refuse", "3": "refuse"}, "CP2-a")

		intend := d.page(tab+"/intend", senior).Form(tab + "/intend")
		intend.Values["lines"] = []string{"1", "2", "3"}
		uitest.Post(t, d.site, intend, senior).Status(http.StatusUnprocessableEntity).HasText(".govuk-error-summary a", "Write what the applicant is told.")
		intend.Set("told.CP2-a", "There is a clear risk of use for internal repression.")
		intend.Set("withheld", "Export Act s. 12")
		uitest.Post(t, d.site, intend, senior).Redirects(tab + "#intention")

		early := d.page(tab+"/decide", senior).NothingChosen("outcome.1").Form(tab + "/decide")
		for _, l := range []string{"1", "2", "3"} {
			early.Set("outcome."+l, "refuse")
		}
		early.Set("reasons", "A clear risk.")
		early.Set("told.CP2-a", "There is a clear risk of use for internal repression.")
		running := uitest.Post(t, d.site, early, senior).Status(http.StatusConflict)
		running.HasText(".govuk-error-summary a", "The applicant may reply until")
		if got := running.Form(tab + "/decide").Get("reasons"); got != "A clear risk." {
			t.Errorf("the reasons came back as %q", got)
		}

		d.Do(d.Applicant, licensing.ApplicantReplies{On: licensing.On{Case: id}, Text: "The unit has changed its commander."})
		weigh := d.page(tab+"/weigh", officer).NothingChosen("new").Form(tab + "/weigh")
		weigh.Set("text", "A new commander changes neither mandate nor oversight.")
		weigh.Set("new", "no")
		uitest.Post(t, d.site, weigh, officer).Redirects(tab + "#intention")

		page := d.page(tab+"/decide", senior)
		page.HasText("dt", "Strongest fact against the outcome recommended")
		page.HasText("dd", "report of a UN special procedure")
		page.HasText("dd", "The unit has done so twice.")
		page.HasText("#affected", "Vulnerable groups")
		page.HasText(".outcome", "What can't be undone")
		f := page.Form(tab + "/decide")
		for _, l := range []string{"1", "2", "3"} {
			f.Set("outcome."+l, "refuse")
		}
		f.Set("reasons", "A clear risk.")
		f.Set("told.CP2-a", "There is a clear risk of use for internal repression.")
		uitest.Post(t, d.site, f, senior).Status(http.StatusUnprocessableEntity).HasText(".govuk-error-summary a", "The applicant replied. Tell them")
		f.Set("weighed.1.point", "The unit has changed its commander.")
		half := uitest.Post(t, d.site, f, senior).Status(http.StatusUnprocessableEntity)
		half.HasText(".govuk-error-summary a", "in words the applicant may read")
		f = half.Form(tab + "/decide")
		f.Set("weighed.1.answer", "Mandate and oversight of the unit are as they were.")
		uitest.Post(t, d.site, f, senior).Redirects(tab)
		decided := d.page(tab, officer).HasText("#decided", "refused")
		decided.HasText("#decided", "Mandate and oversight of the unit are as they were.")
		if v, _, err := app.Application(t.Context(), d.Applicant, id); err != nil || len(v.Decision.Weighed) != 1 {
			t.Errorf("the applicant is told %+v (%v)", v.Decision, err)
		} else if told, err := json.Marshal(v); err != nil || strings.Contains(string(told), "A new commander changes neither") {
			t.Errorf("how it was weighed inside reaches the applicant (%v)", err)
		}
		decided.HasText("#rests", "Document of facts")
		d.page(tab+"/replay", officer).HasText("#replay", "Same findings and outcome")
	})
}

// C1-4: without a completed human-rights assessment neither issue nor refusal
// goes through, and what is missing is named, each with where it is solved.
func TestC1_4_NothingIsDecidedWithoutAssessment(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		d := newDesk(t, app)
		id, in := d.karsovia()
		d.Settle(id, in)
		senior, tab := d.SignIn(d.Senior), "/cases/"+id+"/decision"
		d.recommend(id, map[string]string{"1": "issue", "2": "refuse", "3": "issue"}, "CP2-a")
		for _, outcome := range []string{"issue", "refuse"} {
			f := d.page(tab+"/decide", senior).NothingChosen("outcome.1").Form(tab + "/decide")
			for _, l := range []string{"1", "2", "3"} {
				f.Set("outcome."+l, outcome)
			}
			f.Set("reasons", "It is urgent.")
			setDay(f, "from", clock.Now())
			setDay(f, "until", clock.Now().AddDate(1, 0, 0))
			no := uitest.Post(t, d.site, f, senior).Status(http.StatusConflict)
			no.HasText(".govuk-error-summary a", "The human-rights assessment is not complete.")
			no.HasText(".govuk-error-summary a", "there is no finding on CP2-a")
			no.HasText(".govuk-error-summary a", "Nobody has said which groups would be affected.")
			if to := no.Link("Nobody has said which groups would be affected."); to != "/cases/"+id+"/assessment#groups" {
				t.Errorf("the groups are answered at %q", to)
			}
			if got := no.Form(tab + "/decide").Get("reasons"); got != "It is urgent." {
				t.Errorf("the reasons came back as %q", got)
			}
		}
		if c := d.File(d.Officer, id).Case; c.Decision != nil {
			t.Error("decided without an assessment")
		}
	})
}

// C1-6: a completed and countersigned case to which something new comes can't be
// decided, and every stale part is named, until each is confirmed again.
func TestC1_6_StalePartsBlockTheDecision(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		d := newDesk(t, app)
		id, _ := d.gateway()
		d.advise(id, false)
		d.recommend(id, map[string]string{"gateway": "issue"}, "", "named-unit", "warrant-id", "audit-log")
		senior, officer, adviser, tab := d.SignIn(d.Senior), d.SignIn(d.Officer), d.SignIn(d.Adviser), "/cases/"+id+"/decision"
		d.Do(d.Officer, licensing.ChangeBasis{On: licensing.On{Case: id}, What: licensing.BasisIncident, Ref: "incident/7", Note: "A detention."})
		f := d.issue(tab, senior, clock, "gateway")
		no := uitest.Post(t, d.site, f, senior).Status(http.StatusConflict)
		no.HasText(".govuk-error-summary a", "The case has changed since the assessment was confirmed.")
		no.HasText(".govuk-error-summary a", "has to confirm its advice")
		no.HasText(".govuk-error-summary a", "The case has changed since it was countersigned.")

		uitest.Post(t, d.site, d.page("/cases/"+id+"/assessment", officer).Form("/cases/"+id+"/assessment/complete"), officer).Redirects("/cases/" + id + "/assessment#complete")
		confirm := d.page(d.page("/cases/"+id+"/advice", adviser).Link("Confirm it on the case as it is now"), adviser).HasText("li", "A detention.").Form("/cases/" + id + "/advice/confirm")
		uitest.Post(t, d.site, confirm, adviser).Redirects("/cases/" + id + "/advice")
		sign := d.page(tab+"/countersign", senior).Form(tab + "/countersign")
		sign.Set("agree", "yes")
		uitest.Post(t, d.site, sign, senior).Redirects(tab)
		uitest.Post(t, d.site, d.issue(tab, senior, clock, "gateway"), senior).Redirects(tab)
		d.page(tab, officer).HasText("#decided", "Licence ")
	})
}

// gateway is the gateway line of the second worked case, with a verified
// assurance and a complete assessment.
func (d desk) gateway(refuse ...string) (string, assessment.Input) {
	d.T.Helper()
	in := nodetest.Example(d.T, "02")
	in.Lines = in.Lines[:1]
	var answers []assessment.Answer
	for _, a := range in.Answers {
		if a.Line == "" || a.Line == in.Lines[0].ID {
			answers = append(answers, a)
		}
	}
	in.Answers = answers
	id := d.Submit(d.Application(in))
	d.Settle(id, in)
	d.Complete(id, in, refuse...)
	return id, in
}

// issue is the decision form filled to issue the lines.
func (d desk) issue(tab string, who *http.Cookie, clock *nodetest.Clock, lines ...string) uitest.Form {
	d.T.Helper()
	f := d.page(tab+"/decide", who).Form(tab + "/decide")
	for _, l := range lines {
		f.Set("outcome."+l, "issue")
	}
	f.Set("reasons", "Limits are built in and were seen.")
	setDay(f, "from", clock.Now())
	setDay(f, "until", clock.Now().AddDate(1, 0, 0))
	return f
}

// C1-7: against the adviser's refusal nothing is issued without a senior
// officer's answer to each ground, nor by the assessment's author; with them
// both texts stay.
func TestC1_7_AgainstTheAdviserTakesReasonsToEachGround(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		d := newDesk(t, app)
		id, _ := d.gateway("gateway")
		d.advise(id, true)
		d.recommend(id, map[string]string{"gateway": "issue"}, "", "named-unit", "warrant-id")
		tab := "/cases/" + id + "/decision"

		// By an officer who is no senior officer and wrote the assessment.
		officer := d.SignIn(d.Officer)
		no := uitest.Post(t, d.site, d.issue(tab, officer, clock, "gateway"), officer).Status(http.StatusConflict)
		no.HasText(".govuk-error-summary a", "Only a senior officer can decide so.")
		no.HasText(".govuk-error-summary a", "Whoever wrote the assessment can't decide so.")
		no.HasText(".govuk-error-summary a", "Answer the adviser's ground")

		// By a senior officer without an answer, then with one.
		second := nodetest.Person(t, app, d.Authority, "chief", access.SeniorOfficer)
		chief := d.SignIn(second)
		f := d.issue(tab, chief, clock, "gateway")
		uitest.Post(t, d.site, f, chief).Status(http.StatusConflict).HasText(".govuk-error-summary a", "Answer the adviser's ground")
		name := ""
		for k := range f.Values {
			if strings.HasPrefix(k, "ground.") {
				name = k
			}
		}
		f.Set(name, "The gateway starts nothing without a warrant; the two uses were of another system.")
		uitest.Post(t, d.site, f, chief).Redirects(tab)
		decided := d.page(tab, officer)
		decided.HasText("#decided q", "The unit has done so twice.")
		decided.HasText("#decided q", "The gateway starts nothing without a warrant")
		c := d.File(d.Officer, id).Case
		if len(c.Decision.AgainstAdviser) != 1 {
			t.Errorf("%d grounds are counted", len(c.Decision.AgainstAdviser))
		}
		if _, err := app.Replay(context.Background(), d.Auditor, id); err != nil {
			t.Error(err)
		}
	})
}

// A licence comes of a decision, and is suspended, reinstated and revoked with
// reasons; a revocation says what can still be stopped. Who may change nothing
// is offered nothing.
func TestLicencePages(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		d := newDesk(t, app)
		id, _ := d.gateway()
		d.advise(id, false)
		d.recommend(id, map[string]string{"gateway": "issue"}, "", "named-unit")
		senior, auditor, tab := d.SignIn(d.Senior), d.SignIn(d.Auditor), "/cases/"+id+"/decision"
		uitest.Post(t, d.site, d.issue(tab, senior, clock, "gateway"), senior).Redirects(tab)
		list := d.page("/licences", auditor)
		list.HasText("td", "valid")
		reference := d.File(d.Officer, id).Case.Decision.Licence
		page := "/licences/" + reference
		d.page(page, auditor).HasText("#conditions li", "Only the named unit may use the item.")
		d.page(page, auditor).Count("#change", 0)
		uitest.Get(t, d.site, page+"/suspend", auditor).Status(http.StatusConflict)
		uitest.Get(t, d.site, page, d.SignIn(d.Customs)).Status(http.StatusNotFound)

		for _, step := range []struct{ act, ground, shows string }{
			{"suspend", "assurance", "suspended"}, {"reinstate", "", "valid"}, {"revoke", "new_facts", "revoked"},
		} {
			f := d.page(page+"/"+step.act, senior).Form(page + "/" + step.act)
			uitest.Post(t, d.site, f, senior).Status(http.StatusUnprocessableEntity).HasText(".govuk-error-summary a", "Give the reason.")
			f.Set("ground", step.ground)
			f.Set("why", "Seen on site.")
			if step.act == "revoke" {
				uitest.Post(t, d.site, f, senior).Status(http.StatusUnprocessableEntity).HasText(".govuk-error-summary a", "Say of updates, keys")
				for _, lever := range licensing.Levers {
					f.Set("reach."+string(lever), string(licensing.NotPart))
				}
				f.Set("reach.updates", string(licensing.CanStop))
				f.Set("reach.updates.how", "The exporter ends the subscription.")
			}
			uitest.Post(t, d.site, f, senior).Redirects(page)
			d.page(page, senior).HasText(".facts dd", step.shows)
		}
		d.page(page, auditor).HasText("#reach dd", "Can be stopped. The exporter ends the subscription.")
	})
}
