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

// A licence is varied: what tightens it at once, what eases it by two people. The
// holder has a letter and a new paper, customs an update, and the version of
// before stays readable.
func TestALicenceIsVaried(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		d := newDesk(t, app)
		l := d.Licence()
		app.Runner().Drain(t.Context()) // its paper
		clock.Move(time.Hour)
		officer, senior, page := d.SignIn(d.Officer), d.SignIn(d.Senior), "/licences/"+l.ID
		d.page(page, d.SignIn(d.Auditor)).Count("#change", 0)
		f := d.page(d.page(page, officer).Link("Vary"), officer).Form(page + "/vary")
		uitest.Post(t, d.site, f, officer).Status(http.StatusUnprocessableEntity).HasText(".govuk-error-summary a", "Choose the ground").HasText(".govuk-error-summary a", "Say what the holder is told")
		f.Set("ground", "new_facts")
		f.Set("told", "We learned of another operator.")
		f.Set("why", "A report of misuse.")
		uitest.Post(t, d.site, f, officer).Status(http.StatusUnprocessableEntity).HasText(".govuk-error-summary", "Say what changes")
		f.Set("quantity.0", "4")
		f.Set("own.1.type", "logs")
		f.Set("own.1.what", "A summary of the log.")
		f.Set("own.1.every", "90")
		f.Set("own.1.verify", "The summary itself.")
		f.Set("own.1.consequence", "Suspension.")
		uitest.Post(t, d.site, f, officer)
		uitest.Post(t, d.site, f, officer) // sent twice, done once
		now := d.Issued(l.ID)
		if x := now.Proposed(); x != nil { // the pack asks for a second person
			d.page(page, officer).HasText("main", "waits for a second person")
			d.page(page+"/variation", officer).HasText("main", "You proposed this").HasText("dd", "4 items")
			g := d.page(page+"/variation", senior).HasText("dd", "before: 6 items").Form(page + "/variation")
			uitest.Post(t, d.site, g, senior).Status(http.StatusUnprocessableEntity).HasText(".govuk-error-summary a", "Say whether you agree")
			g.Set("agree", "yes")
			uitest.Post(t, d.site, g, senior).Redirects(page)
			now = d.Issued(l.ID)
		}
		if now.Version() != 2 || now.Lines[0].Quantity != 4000 || len(now.Variations) != 1 {
			t.Fatalf("version %d with %s", now.Version(), now.Lines[0].Quantity)
		}
		d.page(page, officer).HasText("#lines td", "4 items").HasText("#versions", "Version 2 is in force").HasText("#conditions", "A summary of the log").HasText("#history", "Varied: version 2")
		d.page(page+"/versions/1", officer).HasText("#lines li", "6 items").HasText("main", "not in force any more")
		uitest.Get(t, d.site, page+"/versions/9", officer).Status(http.StatusNotFound)

		// The letters: what changes, and the paper of the new version.
		app.Runner().Drain(t.Context())
		c := d.File(d.Officer, now.Case).Case
		var kinds []licensing.LetterKind
		for _, x := range c.Letters {
			kinds = append(kinds, x.Kind)
		}
		if n := len(kinds); n < 6 || kinds[n-6] != licensing.LetterVariation || kinds[n-1] != licensing.LetterLicence {
			t.Errorf("the letters are %v", kinds)
		}
		if now = d.Issued(l.ID); now.Hash == "" || now.Hash == now.Earlier[0].Hash || now.Earlier[0].Hash == "" {
			t.Errorf("the papers are %q and %q", now.Earlier[0].Hash, now.Hash)
		}
		notices, err := app.Notices(t.Context(), d.Customs, 0, 100)
		if last := notices[len(notices)-1]; err != nil || last.Kind != licensing.NoticeUpdate || last.Lines[0].Quantity != "4" || notices[0].Lines[0].Quantity != "6" {
			t.Errorf("customs are told %+v (%v)", notices, err)
		}
		a, err := app.PublicCheck(t.Context(), "0123456789ABCDEF"+l.ID[len(l.ID)-8:])
		if err != nil || a.Status != licensing.Replaced {
			t.Errorf("the paper of before is answered with %+v (%v)", a, err)
		}
		held, _, err := app.HeldLicence(t.Context(), d.Applicant, l.ID)
		if err != nil || held.Variations[0].Why != "" || held.Variations[0].Told == "" {
			t.Errorf("the holder reads %+v (%v)", held, err)
		}
	})
}
