package exporter_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/web/ui/uitest"
)

// The holder sees what is left, reports what customs don't see and that it
// arrived, learns of a revocation what to stop, and gives a licence back; and
// sees nothing of what the authority looked into.
func TestHolderOfALicence(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		f := newFirm(t, app)
		l := f.Licence()
		clock.Move(time.Hour)
		f.Do(f.Customs, node.TakeMessage{CustomsMessage: licensing.CustomsMessage{
			Sender: "xn-customs", Number: 1, Kind: licensing.UsageMessage, Licence: l.Reference, Declaration: "26XN000001", At: clock.Now(),
			Lines: []licensing.MessageLine{{Line: l.Lines[0].Line, Quantity: "2", Unit: l.Lines[0].Unit}},
		}})
		page := "/exporter/licences/" + l.ID
		f.page(page).HasText("#lines td", "4 items").HasText("#uses th", "Declaration 26XN000001")

		form := f.page(page + "/use").Form(page + "/use")
		uitest.Post(t, f.site, form, f.ada).Status(http.StatusUnprocessableEntity).HasText(".govuk-error-summary a", "with a quantity above zero")
		form.Set("day.day", clock.Now().Format("2"))
		form.Set("day.month", clock.Now().Format("1"))
		form.Set("day.year", clock.Now().Format("2006"))
		form.Set("quantity.0", "5")
		uitest.Post(t, f.site, form, f.ada).Status(http.StatusConflict).HasText(".govuk-error-summary", "more than is left")
		form.Set("quantity.0", "1.5")
		for range 2 { // sent twice, counted once
			uitest.Post(t, f.site, form, f.ada).Redirects(page)
		}
		f.page(page).HasText("#lines td", "2.5 items").HasText("#uses th", "Your return")

		use := f.Issued(l.ID).Uses[0].ID
		arrived := f.page(page + "/uses/" + use + "/delivery").Form(page + "/uses/" + use + "/delivery")
		uitest.Post(t, f.site, arrived, f.ada).Status(http.StatusUnprocessableEntity).HasText(".govuk-error-summary a", "Name what shows that it arrived.")
		for _, part := range []string{"day", "month", "year"} {
			arrived.Set("day."+part, form.Get("day."+part))
		}
		arrived.Set("evidence", "Receipt 7 of the newspaper.")
		uitest.Post(t, f.site, arrived, f.ada).Redirects(page)
		f.Do(f.Verifier, licensing.VerifyDelivery{OnLicence: licensing.OnLicence{Licence: l.ID}, Use: use, Day: "2026-11-09", Result: licensing.NotArrived, Evidence: canary})
		f.page(page).HasText("#uses td", "reported as arrived").LacksText(canary)
		f.page(page+"/uses").HasText("td", "reported as arrived").LacksText(canary)

		other := f.Licence()
		back := f.page("/exporter/licences/" + other.ID + "/surrender").Form("/exporter/licences/" + other.ID + "/surrender")
		uitest.Post(t, f.site, back, f.ada).Status(http.StatusUnprocessableEntity)
		back.Set("why", "The contract ended.")
		uitest.Post(t, f.site, back, f.ada).Redirects("/exporter/licences/" + other.ID)
		f.page("/exporter/licences/"+other.ID).HasText("dd", "Given back").Count("#uses a[href$=surrender]", 0)

		reach := []licensing.ReachSaid{{Lever: licensing.LeverUpdates, State: licensing.CanStop, How: "End the subscription."}}
		for _, lever := range licensing.Levers[1:] {
			reach = append(reach, licensing.ReachSaid{Lever: lever, State: licensing.NotPart})
		}
		f.Do(f.Senior, licensing.Revoke{OnLicence: licensing.OnLicence{Licence: l.ID}, Ground: "new_facts", Why: canary, Reach: reach})
		f.page(page).HasText("#reach dd", "End the subscription.").LacksText(canary)

		stranger := f.SignIn(nodetest.Person(t, app, nodetest.Org(t, app, "exporter", "Another firm"), "stranger", "exporter_user"))
		uitest.Get(t, f.site, page, stranger).Status(http.StatusNotFound)
		uitest.Get(t, f.site, page+"/use", stranger).Status(http.StatusNotFound)
	})
}
