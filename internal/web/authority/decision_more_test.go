package authority_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/party"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/ui/uitest"
	"github.com/comity-project/comity/policy"
)

// Every page of the assessment and the decision stays within ten statements,
// the session included.
func TestPagesStayWithinTenStatements(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		d := newDesk(t, app)
		id, _ := d.gateway()
		senior := d.SignIn(d.Senior)
		for _, path := range []string{"/assessment", "/assurances", "/advice", "/decision", "/decision/decide"} {
			n := 0
			r := httptest.NewRequest(http.MethodGet, "/cases/"+id+path, nil)
			r = r.WithContext(store.CountStatements(r.Context(), &n))
			uitest.Ask(t, d.site, r, senior).Status(http.StatusOK)
			if n > 10 {
				t.Errorf("%s takes %d statements", path, n)
			}
		}
	})
}

// Two people at once: the later one is told what the earlier did, and keeps what
// was typed.
func TestWhoComesLaterIsToldWhatChanged(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		d := newDesk(t, app)
		id, _ := d.karsovia()
		officer, tab := d.SignIn(d.Officer), "/cases/"+id+"/assessment"
		form := d.page(tab+"/severity?line=1", officer).NothingChosen("scale", "scope", "irremediability").Form(tab + "/severity")
		d.Do(d.Adviser, assessment.RecordView{Case: id, Likelihood: assessment.Likely, Severity: 4, Worry: "Assemblies."})
		for _, part := range []string{"scale", "scope", "irremediability"} {
			form.Set(part, "4")
		}
		form.Set("reason", "A whole square.")
		late := uitest.Post(t, d.site, form, officer).Status(http.StatusConflict)
		late.HasText(".banner", "Someone else changed this while you were at it")
		again := late.Form(tab + "/severity")
		if again.Get("reason") != "A whole square." || again.Get("scale") != "4" {
			t.Errorf("typed and lost: %v", again.Values)
		}
		uitest.Post(t, d.site, again, officer).Redirects(tab + "?line=1#severity")
	})
}

// A form sent twice does its work once.
func TestFormSentTwiceCountsOnce(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		d := newDesk(t, app)
		id, _ := d.karsovia()
		officer, tab := d.SignIn(d.Officer), "/cases/"+id+"/assessment"
		form := d.page(tab+"/fact?line=1&fact=use.red_flags", officer).Form(tab + "/fact")
		form.Set("value", "no")
		form.Set("about", "case")
		form.Set("source", "case file")
		setDay(form, "date", clock.Now())
		for range 2 {
			uitest.Post(t, d.site, form, officer).Redirects(tab + "?line=1#facts")
		}
		if n := len(d.File(d.Officer, id).Assessment.Facts); n != 1 {
			t.Errorf("%d facts came of it", n)
		}
	})
}

// C4-7: at severity 4 and 5 nothing is issued where no assurance was sought.
func TestC4_7_NothingIsIssuedBeforeAssurancesWereSought(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		d := newDesk(t, app)
		in := nodetest.Example(t, "02")
		in.Lines, in.Assurances = in.Lines[:1], nil
		in.Answers = forLine(in.Answers, in.Lines[0].ID)
		id := d.Submit(d.Application(in))
		d.Settle(id, in)
		d.Complete(id, in)
		d.advise(id, false)
		d.recommend(id, map[string]string{"gateway": "issue"}, "", "named-unit")
		senior, tab := d.SignIn(d.Senior), "/cases/"+id+"/decision"
		no := uitest.Post(t, d.site, d.issue(tab, senior, clock, "gateway"), senior).Status(http.StatusConflict)
		no.HasText(".govuk-error-summary a", "no assurance was sought")
		d.page("/cases/"+id+"/assurances", senior).HasText(".banner li", "An assurance of the Code was not sought for this line.")
	})
}

func forLine(answers []assessment.Answer, line string) []assessment.Answer {
	var out []assessment.Answer
	for _, a := range answers {
		if a.Line == "" || a.Line == line {
			out = append(out, a)
		}
	}
	return out
}

// C4-8: an assurance of an end user who broke one in another case does not lower
// the risk, whatever it says, and the page names the case.
func TestC4_8_BrokenElsewhereDoesNotCount(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		d := newDesk(t, app)
		in := nodetest.Example(t, "01")
		entry := node.NewID()
		var ids, refs []string
		for i := range 2 {
			id := d.Submit(d.Application(in))
			if i == 0 {
				x, _ := d.File(d.Officer, id).Case.App().Party("ministry")
				d.Do(d.Officer, party.Register{On: party.On{Entry: entry}, Party: x, Source: "case/" + id})
			}
			d.Do(d.Officer, licensing.LinkParty{On: licensing.On{Case: id}, Party: "ministry", Register: entry})
			in.Assurances = []assessment.Assurance{{Assurance: policy.Assurance{Kind: "not_misused", Sought: true, Given: true, Check: "visit to the site of use", Verified: true}}}
			d.Settle(id, assessment.Input{Parties: in.Parties, Assurances: in.Assurances})
			ids, refs = append(ids, id), append(refs, d.File(d.Officer, id).Case.Reference)
		}
		officer := d.SignIn(d.Officer)
		d.page("/cases/"+ids[1]+"/assurances", officer).HasText("td", "verified: may lower the risk")
		broken := d.File(d.Officer, ids[0]).Case.Assurances[0].ID
		d.Do(d.Verifier, licensing.VerifyAssurance{
			On: licensing.On{Case: ids[0]}, Assurance: broken, Result: licensing.Broken, Evidence: "Used at the square.", Day: deadline.DateOf(clock.Now(), time.UTC),
		})
		page := d.page("/cases/"+ids[1]+"/assurances", officer)
		page.HasText("td", "broke an assurance in case "+refs[0])
	})
}

// An adviser who has not spoken is shown no judgement of others on any page:
// severity, findings, groups, views, advice, recommendation.
func TestAdviserSeesNoJudgementBeforeTheirOwn(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		d := newDesk(t, app)
		id, in := d.karsovia()
		d.Settle(id, in)
		d.Complete(id, in, "1")
		d.advise(id, true)
		d.recommend(id, map[string]string{"1": "refuse", "2": "refuse", "3": "refuse"}, "CP2-a")
		other := nodetest.Person(t, app, d.Authority, "other-adviser", access.RightsAdviser)
		cookie := d.SignIn(other)
		told := []string{
			"; as judged: scale", "By what the item reaches", "Who was at the square", "By the reports on the unit", "The unit has done so twice", "Whoever stood there",
			"As the sheet shows", "recommended: refuse", "Found met by",
		}
		for _, path := range []string{"", "/assessment", "/assessment/view", "/assessment/fact?fact=use.red_flags", "/assurances", "/advice", "/advice/new", "/decision", "/decision/decide", "/history"} {
			page := uitest.Get(t, d.site, "/cases/"+id+path, cookie)
			for _, text := range told {
				page.LacksText(text)
			}
		}
		d.Do(other, assessment.RecordView{Case: id, Likelihood: assessment.Remote, Severity: 2, Worry: "None beyond the usual."})
		d.page("/cases/"+id+"/decision", cookie).HasText("dd", "The unit has done so twice.")
	})
}

// Lines of which the same is known are read once, each in a row of its own; what
// differs in one source stands by itself.
func TestLinesOfWhichTheSameIsKnownStandTogether(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		d := openRoom(t, app)
		id := d.frame(6, 3)
		page := d.get(d.Officer, "/cases/"+id+"/decision").Status(http.StatusOK)
		for _, line := range []string{"1", "2", "3", "4", "5", "6"} {
			page.Count("#line-l"+line, 1)
		}
		for _, first := range []string{"1", "2", "3"} {
			page.Count("#lines-l"+first, 1)
			page.Count("#lines-l"+first+" tbody tr", 2)
		}
		page.Count("#lines-l2 #line-l5", 1)
		d.Do(d.Officer, assessment.JudgeSeverity{Case: id, Line: "l5", Severity: policy.Severity{Scale: 5, Scope: 4, Irremediability: 4}, Reason: "This one reaches a whole town."})
		page = d.get(d.Officer, "/cases/"+id+"/decision")
		page.Count("#lines-l2", 0)
		page.Count("section#line-l2", 1)
		page.Count("section#line-l5", 1)
	})
}
