package authority_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/web/ui/uitest"
)

// People follow their deadlines in a calendar program by an address of their own,
// which tells references and dates, and no names; it ends when they say so, when
// they make another, and with their account.
func TestDeadlinesInACalendar(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		d := newDesk(t, app)
		id, _ := d.karsovia()
		reference := d.File(d.Officer, id).Case.Reference
		address := func(who access.Actor) string {
			t.Helper()
			f := d.page("/account", d.SignIn(who)).Form("/account/calendar")
			f.Values.Del("end")
			shown := uitest.Post(t, d.site, f, d.SignIn(who)).Status(http.StatusOK).Texts("#calendar code")
			if len(shown) != 1 {
				t.Fatalf("the addresses %q are shown", shown)
			}
			_, token, _ := strings.Cut(shown[0], "/calendar/")
			return "/calendar/" + token
		}
		follow := func(path string) string { return uitest.Get(t, d.site, path).Status(http.StatusOK).Body }

		own := address(d.Officer)
		calendar := follow(own)
		for _, want := range []string{"BEGIN:VCALENDAR", "SUMMARY:Decision due: " + reference, "DTSTART;VALUE=DATE:"} {
			if !strings.Contains(calendar, want) {
				t.Errorf("the officer's calendar lacks %q:\n%s", want, calendar)
			}
		}
		if strings.Contains(calendar, "Karsovia") || strings.Contains(calendar, "IMSI") {
			t.Error("the calendar tells what a case is about")
		}
		d.Do(d.Officer, licensing.AskInformation{On: licensing.On{Case: id}, RFI: "rfi-1", Questions: []licensing.Question{{ID: "a", Text: "Which department?"}}})
		if strings.Contains(follow(own), reference) {
			t.Error("a case whose clock stands is due in the calendar")
		}
		if held := follow(address(d.Applicant)); !strings.Contains(held, "Answer to the authority due: "+reference) || strings.Contains(held, "Decision") {
			t.Errorf("the applicant's calendar:\n%s", held)
		}
		if other := follow(address(d.Second)); strings.Contains(other, reference) {
			t.Error("another officer's calendar has the case")
		}

		again := address(d.Officer)
		uitest.Get(t, d.site, own).Status(http.StatusNotFound)
		uitest.Get(t, d.site, strings.TrimSuffix(again, ".ics")).Status(http.StatusNotFound)
		uitest.Get(t, d.site, "/calendar/nonsense.ics").Status(http.StatusNotFound)
		f := d.page("/account", d.SignIn(d.Officer)).Form("/account/calendar")
		f.Set("end", "yes")
		uitest.Post(t, d.site, f, d.SignIn(d.Officer)).Redirects("/account")
		uitest.Get(t, d.site, again).Status(http.StatusNotFound)

		admin := nodetest.Person(t, app, d.Authority, "admin", access.Administrator)
		again = address(d.Applicant)
		follow(again)
		d.Do(admin, node.SetPassword{Account: d.Applicant.Account, New: "four words of my own"})
		uitest.Get(t, d.site, again).Status(http.StatusNotFound)

		again = address(d.Second)
		d.Do(admin, account.SetStatus{ID: d.Second.Account, Status: account.Disabled, Reason: "Left."})
		uitest.Get(t, d.site, again).Status(http.StatusNotFound)
		d.Do(admin, account.SetStatus{ID: d.Second.Account, Status: account.Active, Reason: "Came back."})
		uitest.Get(t, d.site, again).Status(http.StatusNotFound)
	})
}
