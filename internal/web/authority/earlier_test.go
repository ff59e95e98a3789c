package authority_test

import (
	"net/http"
	"testing"

	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/party"
)

// Earlier cases are found by the end user's name, by the register and by the item
// in the destination, each with why, and only those that the reader may read.
func TestEarlierDecisionsSayWhyTheyAreShown(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		d := openRoom(t, app)
		in := nodetest.Example(t, "01")
		close := func(a licensing.Application) string {
			id := d.Submit(a)
			d.Do(d.Applicant, licensing.Withdraw{On: licensing.On{Case: id}, Why: "The contract fell through."})
			return d.File(d.Officer, id).Case.Reference
		}
		named := close(d.Application(in))
		other := d.Application(in)
		for i := range other.Parties {
			other.Parties[i].Names = []party.Name{{Text: "Fjord Ferries of Karsovia"}}
		}
		item := close(other)
		other = d.Application(in)
		for i := range other.Parties {
			other.Parties[i].Names = []party.Name{{Text: "Harbour Office of Karsovia"}}
			if other.Parties[i].Uses() {
				other.Parties[i].Identifiers = []party.Identifier{{Kind: "registration", Value: "KA 77-01"}}
			}
		}
		for i := range other.Lines {
			other.Lines[i].ClaimedCode, other.Lines[i].Categories = "9Z999", []string{"imsi_catcher"}
		}
		marked := close(other)
		sealed := d.Submit(d.Application(in))
		hidden := d.File(d.Officer, sealed).Case.Reference
		d.Do(d.Applicant, licensing.Withdraw{On: licensing.On{Case: sealed}, Why: "The contract fell through."})
		d.Do(d.Coordinator, licensing.MoveCompartment{On: licensing.On{Case: sealed}, Compartment: "sealed", Why: "A matter of another department"})

		now := d.Application(in)
		for i := range now.Parties {
			now.Parties[i].Identifiers = []party.Identifier{{Kind: "registration", Value: "ka 7701"}}
		}
		now.Lines[0].Categories = []string{"imsi_catcher"}
		id := d.Submit(now)
		d.Screen(id, in)
		page := d.get(d.Officer, "/cases/"+id+"/decision").Status(http.StatusOK)
		page.HasText("#earlier tr", named)
		page.HasText("#earlier td", "end user of the same name")
		page.HasText("#earlier td", "same destination and control code")
		page.HasText("#earlier tr", marked)
		page.HasText("#earlier td", "end user with the same identifier · same destination and kind of item")
		page.HasText("#earlier td", "Same code: 5A001")
		page.HasText("#earlier td", "withdrawn")
		page.HasText("#earlier tr", item)
		page.LacksText(hidden)

		entry := node.NewID()
		user, _ := d.File(d.Officer, id).Case.App().EndUser()
		d.Do(d.Officer, party.Register{On: party.On{Entry: entry}, Party: user, Source: "case/" + id})
		d.Do(d.Officer, licensing.LinkParty{On: licensing.On{Case: id}, Party: user.ID, Register: entry})
		d.get(d.Officer, "/cases/"+id+"/decision").HasText("#earlier", "with the same entry of the register")
	})
}

// C4-4: what was assured to stay in one country is shown where a later case takes
// the same items to another, and a breach can be recorded from there.
func TestC4_4_AnOldAssuranceMeetsANewReceiver(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		d := openRoom(t, app)
		in := nodetest.Example(t, "01")
		first := d.Submit(d.Application(in))
		d.Settle(first, in)
		entry := node.NewID()
		user, _ := d.File(d.Officer, first).Case.App().EndUser()
		d.Do(d.Officer, party.Register{On: party.On{Entry: entry}, Party: user, Source: "case/" + first})
		d.Do(d.Officer, licensing.LinkParty{On: licensing.On{Case: first}, Party: user.ID, Register: entry})

		in.Destination = "XA"
		second := d.Submit(d.Application(in))
		d.Do(d.Officer, licensing.LinkParty{On: licensing.On{Case: second}, Party: user.ID, Register: entry})
		page := d.get(d.Officer, "/cases/"+second+"/assurances").Status(http.StatusOK)
		page.HasText("#prior th", user.Name())
		page.HasText("#prior td", "never checked")
		page.HasText("#prior td", "It was to stay in Karsovia; this case sends the same control code to Toren.")
		d.get(d.Verifier, "/cases/"+first+"/assurances").Status(http.StatusOK)
		if href := page.Link("Record a check"); d.get(d.Verifier, href).Status(http.StatusOK).Form("/cases/"+first+"/assurances/check").Values == nil {
			t.Errorf("no breach can be recorded at %s", href)
		}
	})
}
