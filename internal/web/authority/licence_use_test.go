package authority_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/ui/uitest"
)

// The licence's page says what left and how much is left; what became of it is
// looked into and recorded with its evidence.
func TestWhatLeftUnderALicence(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		d := newDesk(t, app)
		l := d.Licence()
		clock.Move(time.Hour)
		m := licensing.CustomsMessage{
			Sender: "xn-customs", Number: 1, Kind: licensing.UsageMessage, Licence: l.Reference, Declaration: "26XN000001", Office: "XN000100", Document: "X060", At: clock.Now(),
			Lines: []licensing.MessageLine{{Line: l.Lines[0].Line, Quantity: "2", Unit: l.Lines[0].Unit, Serials: []string{"K-1", "K-2"}}},
		}
		d.Do(d.Customs, node.TakeMessage{CustomsMessage: m})
		m.Number, m.Declaration, m.Lines[0].Quantity, m.Lines[0].Serials = 2, "26XN000002", "5", nil
		d.Do(d.Customs, node.TakeMessage{CustomsMessage: m})

		verifier, page := d.SignIn(d.Verifier), "/licences/"+l.ID
		shown := d.page(page, verifier).HasText("#lines td", "4 items").HasText("#uses td", "That is more than is left of the line.")
		use := shown.Link("Declaration 26XN000001")
		f := d.page(use, verifier).HasText("#lines dd", "K-1 and K-2").HasText("#delivery", "Nobody has said yet").Form(use + "/delivery")
		uitest.Post(t, d.site, f, verifier).Status(http.StatusUnprocessableEntity).HasText(".govuk-error-summary a", "Say what was found")
		f.Set("result", "arrived")
		f.Set("evidence", "Certificate 77 of the destination.")
		setDay(f, "day", clock.Now())
		uitest.Post(t, d.site, f, verifier).Redirects(page)
		d.page(use, verifier).HasText("#delivery", "it arrived").HasText(".facts dd", "arrived")
		d.page(page+"/uses", verifier).HasText("td", "not counted")
		d.page(use, d.SignIn(d.Auditor)).Count("#verify", 0)

		n := 0
		r := httptest.NewRequest(http.MethodGet, page, nil)
		r = r.WithContext(store.CountStatements(r.Context(), &n))
		uitest.Ask(t, d.site, r, verifier).Status(http.StatusOK)
		if n > 10 {
			t.Errorf("the licence's page takes %d statements", n)
		}
	})
}
