package authority_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/lists"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/web/ui/uitest"
)

// A party that moves is searched for at its new address before anybody can agree;
// what was said of a likeness at the old one has to be said again.
func TestAPartyThatMovesIsSearchedForAgain(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		d := newDesk(t, app)
		in := nodetest.Example(t, "12")
		d.Do(access.System(), lists.DefineList{List: "own", Definition: lists.Definition{
			Title: "Own list", Kind: lists.Parties, Format: "comity-yaml", LegalBasis: "Export control act", Publisher: "Norland", Scope: "Screening", GoneLimit: 900, ReviewBy: "2027-11-01",
		}})
		publish := func(version int) {
			t.Helper()
			text := fmt.Sprintf("schema: comity.parties/v1\nlist: NORLAND\ntitle: Own list\npublished: '2026-11-0%d'\nparties:\n- {id: one, type: organisation, names: [{text: %q, kind: primary}]}\n", version, in.Parties[0].Names[0])
			d.Do(access.System(), node.ImportList{List: "own", Activate: true, Reason: "test", Files: []node.ListFile{{Name: "own.yaml", Bytes: []byte(text)}}})
			app.Runner().Drain(t.Context())
		}
		publish(1)
		l := d.Licence()
		app.Runner().Drain(t.Context())
		waiting := func() (n int64) {
			t.Helper()
			rows, err := app.Watches(t.Context(), d.Officer, time.Time{}, "", 50)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range rows {
				n += r.Open
			}
			return n
		}
		if waiting() != 0 {
			t.Fatal("what was known at the decision is raised")
		}
		officer, senior, page := d.SignIn(d.Officer), d.SignIn(d.Senior), "/licences/"+l.ID
		f := d.page(page+"/vary", officer).Form(page + "/vary")
		for name, value := range map[string]string{
			"ground": "new_facts", "told": "It has moved.", "why": "Its letter.",
			"address.1.party": in.Parties[0].ID, "address.1.lines": "Hill Street 4", "address.1.city": "Veden", "address.1.country": "XR",
		} {
			f.Set(name, value)
		}
		uitest.Post(t, d.site, f, officer).Status(http.StatusSeeOther)
		g := d.page(page+"/variation", senior).HasText("dd", "The lists are being searched").HasText("main", "look at the assessment again").Form(page + "/variation")
		g.Set("agree", "yes")
		uitest.Post(t, d.site, g, senior).Status(http.StatusConflict).HasText(".govuk-error-summary", "being searched")
		app.Runner().Drain(t.Context())
		g = d.page(page+"/variation", senior).HasText("dd", "NORLAND").HasText("dd", "1 likeness of the party").Form(page + "/variation")
		g.Set("agree", "yes")
		uitest.Post(t, d.site, g, senior).Status(http.StatusConflict).HasText(".govuk-error-summary", "Say first whether it is the same")
		if waiting() != 1 {
			t.Fatalf("%d likenesses wait", waiting())
		}
		seen, err := app.Watch(t.Context(), d.Officer, l.Case)
		if err != nil {
			t.Fatal(err)
		}
		d.Do(d.Officer, node.SettleWatch{Case: l.Case, Hit: seen.Hits[0].ID, Outcome: assessment.Different, Reason: "The listed one was never there."})
		g = d.page(page+"/variation", senior).Form(page + "/variation")
		g.Set("agree", "yes")
		uitest.Post(t, d.site, g, senior).Redirects(page)
		if now := d.Issued(l.ID); now.Version() != 2 || now.Addresses[0].Address.City != "Veden" {
			t.Errorf("version %d at %v", now.Version(), now.Addresses)
		}
		// A new version of the list with the same entry asks nothing again.
		publish(2)
		if waiting() != 0 {
			t.Error("what was settled at the new address is asked again")
		}
	})
}
