package authority_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/web/ui/uitest"
)

// People who work on a case tell one another things. Whom a note names has it on
// their work list until they have read it; the adviser reads none before their
// own view; the applicant can be told nothing and sees nothing.
func TestNotesBetweenPeopleOfACase(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		d := newDesk(t, app)
		id, _ := d.karsovia()
		tab := "/cases/" + id + "/notes"
		officer, adviser := d.SignIn(d.Officer), d.SignIn(d.Adviser)

		f := d.page(tab, officer).HasText("#notes p", "Nobody has written one").NothingChosen("tell").Form(tab)
		f.Set("text", "The ministry rang about <b>warrants</b>.")
		f.Set("tell", d.Applicant.Account)
		uitest.Post(t, d.site, f, officer).Status(http.StatusUnprocessableEntity).HasText(".govuk-error-summary a", "may not read this case").HasText("textarea", "The ministry rang")
		f.Set("tell", d.Adviser.Account)
		// Somebody else's work in between is not in the way.
		d.Do(d.Officer, licensing.AskInformation{On: licensing.On{Case: id}, RFI: "rfi-1", Questions: []licensing.Question{{ID: "a", Text: "Which department?"}}})
		uitest.Post(t, d.site, f, officer).Redirects(tab)
		d.page(tab, officer).HasText("#note-1 p", "<b>warrants</b>").HasText("#note-1 .meta", "for Person adviser")

		d.page("/work", officer).Count("#duties", 0)
		duty := d.page("/work", adviser).HasText("#duties a", "Read a note to you on").Link("Read a note to you on")
		place, _, _ := strings.Cut(duty, "#")
		d.page(place, adviser).LacksText("warrants").HasText("#notes", "your own view")
		d.Do(d.Adviser, assessment.RecordView{Case: id, Likelihood: assessment.Likely, Severity: 4, Worry: "Assemblies."})
		f = d.page(tab, adviser).HasText("#note-1 p", "warrants").HasText("#notes", "A note to you is not read yet").Form(tab + "/read")
		uitest.Post(t, d.site, f, adviser).Redirects(tab)
		d.page("/work", adviser).Count("#duties", 0)
		d.page(tab, officer).HasText("#note-1 .meta", "Person adviser (has read it)")

		d.page(tab, d.SignIn(d.Auditor)).HasText("#note-1 p", "warrants").Count("form textarea", 0)
		uitest.Get(t, d.site, tab, d.SignIn(d.Applicant)).Status(http.StatusNotFound)
		d.page("/exporter/cases/"+id, d.SignIn(d.Applicant)).LacksText("warrants")
	})
}
