package authority_test

import (
	"net/http"
	"testing"
	"time"

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
		f.Set("said", "Twelve warrants, thirteen targets.")
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
