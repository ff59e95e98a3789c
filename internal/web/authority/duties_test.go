package authority_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/web/ui/uitest"
)

// The holder reports on a condition when it is due; an officer looks at the
// report, and what shows a breach is a breach. The holder sees that, and not the
// officer's words.
func TestAHolderReportsOnAConditionAndAnOfficerLooks(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		d := newDesk(t, app)
		l := d.Licence(licensing.Condition{
			ID: "c1", Type: licensing.Reports, Who: "licensee", What: "A summary of the log goes to the authority each month.", EveryDays: 30, Verify: "Comparison with the log", Consequence: "Suspension",
		})
		page, held := "/licences/"+l.ID, "/exporter/licences/"+l.ID
		d.page(page, d.SignIn(d.Officer)).HasText("#conditions", "next report due on")
		d.page("/licences/duties", d.SignIn(d.Officer)).HasText("h2", "Nothing here")
		clock.Move(45 * 24 * time.Hour)
		d.House = d.Again()

		d.page("/licences/duties?show=overdue", d.SignIn(d.Officer)).HasText("tbody th", l.Reference).HasText("tbody td", "late")
		uitest.Get(t, d.site, held+"/duties/nonsense", d.SignIn(d.Applicant)).Status(http.StatusNotFound)
		f := d.page(d.page(held, d.SignIn(d.Applicant)).HasText("#duties td", "late").Link("Report A summary of the log"), d.SignIn(d.Applicant)).Form(held + "/duties/c1")
		uitest.Post(t, d.site, f, d.SignIn(d.Applicant)).Status(http.StatusUnprocessableEntity).HasText(".govuk-error-summary a", "Write your report.")
		f.Set("text", "Twelve warrants, thirteen targets.")
		uitest.Post(t, d.site, f, d.SignIn(d.Applicant)).Redirects(held)
		d.page(held, d.SignIn(d.Applicant)).HasText("#duties td", "sent on")

		duty := d.page("/licences/duties", d.SignIn(d.Verifier)).Link(l.Reference)
		f = d.page(duty, d.SignIn(d.Verifier)).HasText("#reports p", "thirteen targets").NothingChosen("result").Form(duty + "/review")
		f.Set("result", "not_kept")
		uitest.Post(t, d.site, f, d.SignIn(d.Verifier)).Status(http.StatusUnprocessableEntity).HasText(".govuk-error-summary a", "reason")
		f.Set("review_why", "One target stands on no warrant.")
		uitest.Post(t, d.site, f, d.SignIn(d.Verifier)).Redirects(page)
		d.page(page, d.SignIn(d.Officer)).HasText("#conditions", "found broken: 1")
		d.page(duty, d.SignIn(d.Auditor)).HasText("#breaches li", "stands on no warrant").Count("#breach", 0)
		d.page(held, d.SignIn(d.Applicant)).HasText("#duties p", "Found broken on").LacksText("stands on no warrant")

		f = d.page(duty, d.SignIn(d.Verifier)).Form(duty + "/breach")
		uitest.Post(t, d.site, f, d.SignIn(d.Verifier)).Status(http.StatusUnprocessableEntity)
		f.Set("breach_why", "The log was switched off for a week.")
		uitest.Post(t, d.site, f, d.SignIn(d.Verifier)).Redirects(page)
		d.page(page, d.SignIn(d.Officer)).HasText("#conditions", "found broken: 2")
	})
}

// What an applicant undertook so that no licence is needed falls due like a
// condition of a licence: reminded, reported, looked at; a breach opens an
// incident. A stranger finds nothing, and no licence has its address.
func TestAnUndertakingIsReportedOnAndLookedAt(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		d := newDesk(t, app)
		u := d.Undertaking(licensing.Condition{
			ID: "u1", Type: licensing.Reports, Who: "licensee", What: "A list of the sites goes to the authority each month.", EveryDays: 30, Verify: "Comparison with the visits", Consequence: "A licence is needed",
		})
		page, own := "/undertakings/"+u.ID, "/exporter/undertakings/"+u.ID
		app.Runner().Drain(t.Context())
		d.page(d.page("/cases/"+u.ID+"/decision", d.SignIn(d.Officer)).Link("Undertaking"), d.SignIn(d.Officer)).HasText("#conditions", "next report due on").HasText("dd", "binding")
		d.page(d.page("/exporter/cases/"+u.ID, d.SignIn(d.Applicant)).Link("What you undertook, and what you have to report"), d.SignIn(d.Applicant)).HasText("li", "list of the sites")
		for _, stranger := range []string{"/licences/" + u.ID, "/licences/" + u.ID + "/duties/u1", page + "x"} {
			uitest.Get(t, d.site, stranger, d.SignIn(d.Officer)).Status(http.StatusNotFound)
		}
		other := nodetest.Person(t, app, nodetest.Org(t, app, account.Exporter, "Norland Vision"), "eve", access.ExporterUser)
		uitest.Get(t, d.site, own, d.SignIn(other)).Status(http.StatusNotFound)

		clock.Move(45 * 24 * time.Hour)
		d.House = d.Again()
		app.Runner().Drain(t.Context())
		list, _, err := app.NoticesOf(t.Context(), d.Applicant, "", false, 50)
		if err != nil || len(list) == 0 || list[0].Said != "report.late" || list[0].Href != own {
			t.Fatalf("the holder was told %+v, %v", list, err)
		}
		d.page("/licences/duties?show=overdue", d.SignIn(d.Officer)).HasText("tbody th", u.Reference)
		f := d.page(d.page(own, d.SignIn(d.Applicant)).Link("Report A list of the sites"), d.SignIn(d.Applicant)).Form(own + "/duties/u1")
		uitest.Post(t, d.site, f, d.SignIn(d.Applicant)).Status(http.StatusUnprocessableEntity)
		f.Set("text", "Three sites, the third in Alvania.")
		files := uitest.Form{Action: own + "/duties/u1/files", Values: f.Values}
		attach(d, files, "notes.exe", "MZ\x00\x01").Status(http.StatusUnprocessableEntity).HasText("textarea", "the third in Alvania")
		attach(d, files, "sites.csv", "site,serial\nAlvania,7\n").Redirects(own + "/duties/u1")
		f = d.page(own+"/duties/u1", d.SignIn(d.Applicant)).HasText("textarea", "the third in Alvania").HasText("#files li", "sites.csv").Form(own + "/duties/u1")
		uitest.Post(t, d.site, f, d.SignIn(d.Applicant)).Redirects(own)
		paper := d.page(own, d.SignIn(d.Applicant)).Link("sites.csv")
		if a := uitest.Get(t, d.site, paper, d.SignIn(d.Applicant)).Status(http.StatusOK); !strings.Contains(a.Body, "Alvania,7") {
			t.Errorf("the holder reads %q", a.Body)
		}
		uitest.Get(t, d.site, paper, d.SignIn(other)).Status(http.StatusNotFound)

		duty := d.page("/licences/duties", d.SignIn(d.Verifier)).Link(u.Reference)
		paper = d.page(duty, d.SignIn(d.Verifier)).HasText("#reports p", "the third in Alvania").Link("sites.csv")
		if a := uitest.Get(t, d.site, paper, d.SignIn(d.Verifier)).Status(http.StatusOK); !strings.Contains(a.Body, "Alvania,7") {
			t.Errorf("the officer reads %q", a.Body)
		}
		f = d.page(duty, d.SignIn(d.Verifier)).Form(duty + "/review")
		f.Set("result", "not_kept")
		f.Set("review_why", "Alvania was never named.")
		uitest.Post(t, d.site, f, d.SignIn(d.Verifier)).Redirects(page)
		d.page("/incidents", d.SignIn(d.Officer)).HasText("tbody", u.Reference)

		f = d.page(page, d.SignIn(d.Senior)).Form(page + "/release")
		uitest.Post(t, d.site, f, d.SignIn(d.Senior)).Status(http.StatusUnprocessableEntity)
		f.Set("why", "Everything came back.")
		uitest.Post(t, d.site, f, d.SignIn(d.Senior)).Redirects(page)
		d.page(page, d.SignIn(d.Senior)).HasText("dd", "released").Count("#release", 0)
		d.page(own, d.SignIn(d.Applicant)).HasText("strong", "released you from it")
	})
}

// attach sends a form with a file beside what was typed.
func attach(d desk, f uitest.Form, name, body string) *uitest.Answer {
	d.T.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for k, values := range f.Values {
		for _, v := range values {
			_ = w.WriteField(k, v)
		}
	}
	part, err := w.CreateFormFile("file", name)
	if err != nil {
		d.T.Fatal(err)
	}
	_, _ = part.Write([]byte(body))
	w.Close()
	r := httptest.NewRequest(http.MethodPost, f.Action, &b)
	r.Header.Set("Content-Type", w.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return uitest.Ask(d.T, d.site, r, d.SignIn(d.Applicant))
}
