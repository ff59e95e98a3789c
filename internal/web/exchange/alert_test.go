package exchange_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/comity-project/comity/internal/dispatch"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/party"
	"github.com/comity-project/comity/internal/store"
)

// C3-3, further than the end user's name: any party of a case, its number, and a
// product with its destination agree with what a state said, before the case came
// and after. It is a possible match, and a person says which it is and why.
func TestC3_3AnyPartyNumberOrProductIsAPossibleMatch(t *testing.T) {
	both(t, func(t *testing.T, engine store.Engine, clock *nodetest.Clock) {
		all := community(t, engine, clock, "XA", "XN")
		xn, xa := all["XN"], all["XA"]
		h := nodetest.Staff(t, xn.App)
		n := seat{xn.Seat, h, xn.site}
		named := func(role party.Role, name string, numbers ...party.Identifier) licensing.Application {
			a := h.Application(nodetest.Example(t, "01"))
			a.Parties = append(a.Parties, party.Party{ID: "px", Roles: []party.Role{role}, Kind: party.Organisation, Country: "XA", Names: []party.Name{{Text: name}}, Addresses: a.Parties[0].Addresses, Identifiers: numbers})
			return a
		}
		submit := func(a licensing.Application) (string, string) {
			id := h.Submit(a)
			return id, h.File(h.Officer, id).Case.Reference
		}
		byName, ref1 := submit(named(party.Consignee, "Экспресс Логистик"))
		_, ref2 := submit(named(party.Broker, "Somebody Else", party.Identifier{Kind: "tax", Value: "HRB 77-1"}))
		_, ref3 := submit(named(party.Forwarder, "Third Ltd"))
		product := h.File(h.Officer, byName).Case.App().Lines[0].Description
		country := h.File(h.Officer, byName).Case.App().EndUse.Country
		said := func(title string, r dispatch.Reporting) string {
			w := nodetest.Said(clock.Now(), title, "Nobody we know", "XN")
			r.Kind, r.Abuses, r.Evidence, r.Admiralty, r.Likelihood = "threat", []string{"torture"}, "corroborated", "B2", "likely"
			w.Content.Report = &r
			xa.Issue(w)
			xn.From(xa.Seat)
			xn.App.Runner().Drain(context.Background())
			return xn.only(title)
		}
		vendor := func(name, country, number string) []dispatch.Named {
			return []dispatch.Named{{Role: "vendor", Name: name, Country: country, Kind: "reseller", Registration: number}}
		}
		// The consignee, in another script.
		alert := said("A carrier", dispatch.Reporting{Named: vendor("EKSPRESS LOGISTIK", "", "")})
		n.page(alert, h.Officer).HasText("#alert", ref1).HasText("#alert", "Possible match: the name agrees with that of consignee").LacksText(ref2).LacksText(ref3)
		// The broker's number, given out in the same state, however it is written.
		n.page(said("A firm under a number", dispatch.Reporting{Named: vendor("Another name", "XA", "hrb771")}), h.Officer).HasText("#alert", ref2).HasText("#alert", "the number agrees with that of broker").LacksText(ref1)
		n.page(said("The number elsewhere", dispatch.Reporting{Named: vendor("Another name", "XR", "hrb771")}), h.Officer).LacksText(ref2)
		// A product counts with its destination alone.
		thing := []dispatch.Capability{{Name: product, Harms: []string{"interception"}}}
		n.page(said("A product there", dispatch.Reporting{Capabilities: thing, Places: []string{country}}), h.Officer).HasText("#alert", ref1).HasText("#alert", ref3).HasText("#alert", "the product and its destination").LacksText("the name agrees")
		n.page(said("A product elsewhere", dispatch.Reporting{Capabilities: thing, Places: []string{"XA"}}), h.Officer).LacksText(ref3)

		// Said before the case came.
		before := said("A broker to come", dispatch.Reporting{Named: vendor("Coming Brokers", "XA", "")})
		n.page(before, h.Officer).Count("#alert", 0)
		collection := node.NewID()
		h.Do(xn.Contact, dispatch.OpenCollection{Collection: collection, Title: "Research"})
		file := node.NewID()
		if _, err := xn.App.TakeFile(t.Context(), xn.Contact, node.TakeFile{Import: file, Collection: collection, Name: "lab.json", Bytes: []byte(strings.Replace(labBundle, "Halden Signals", "Coming Brokers", 1)), From: lab}); err != nil {
			t.Fatal(err)
		}
		xn.App.Runner().Drain(context.Background())
		came, ref4 := submit(named(party.Broker, "coming brokers"))
		xn.App.Runner().Drain(context.Background())
		n.page(before, h.Officer).HasText("#alert", ref4).HasText("#alert", "the name agrees with that of broker")
		n.page("/work", h.Officer).HasText("#duties", "Another state’s alert touches "+ref4)

		// Of what was published the same is asked, and nobody is told.
		place := "/exchange/imports/" + file
		f := n.page(place, h.Officer).HasText("#alert", ref4).NothingChosen("finding." + came).Form(place + "/considered")
		bad := n.post(f, h.Officer).Status(http.StatusUnprocessableEntity)
		bad.HasText(".govuk-error-summary a", "Choose one of the list").Count("#f-finding-"+came+"-error", 1).Count("#f-why-"+came+"-error", 1)
		f.Set("finding."+came, "not_same")
		f.Set("why."+came, "Another register, another year.")
		n.post(f, h.Officer).Redirects(place)
		n.page(place, h.Officer).HasText("#alert", "Not the same").HasText("#alert", "Another register, another year.")
		f = n.page(before, h.Officer).Form(before + "/considered")
		f.Set("finding."+came, "same")
		f.Set("why."+came, "The address and the owner are the same.")
		n.post(f, h.Officer).Redirects(before)
		n.page(before, h.Officer).HasText("#alert", "The same").HasText("#alert", "The address and the owner")
		xn.App.Runner().Drain(context.Background())
		xa.From(xn.Seat)
		answer := xa.page(xa.only("Considered"), xa.Contact)
		answer.LacksText("The address").LacksText(ref4)
	})
}
