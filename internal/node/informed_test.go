package node_test

import (
	"context"
	"testing"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/party"
)

// A letter of the authority itself: nobody outside knows of the case before it is
// sent; customs find it by tariff code, end user and number; the exporter and a
// later case of the same end user are told; it is over when it is lifted.
func TestInformedLetterReachesWhomItShould(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		h := nodetest.Staff(t, app)
		ctx := context.Background()
		other := nodetest.Person(t, app, nodetest.Org(t, app, account.Exporter, "Alvania Flowgate"), "bo", access.ExporterUser)
		id := node.NewID()
		on := licensing.On{Case: id}
		open := licensing.Open{On: on, Why: "A report of civil society names the model.", Application: licensing.Application{
			Kind: "informed", Title: "Traffic probes for an internet provider",
			Lines:   []licensing.Line{{ID: "1", Kind: licensing.Goods, Description: "Probes, 40 Gb/s", Tariff: "8517.62", TariffAsOf: "2026-01-01"}},
			Parties: []party.Party{{ID: "user", Roles: []party.Role{party.EndUser}, Kind: party.Organisation, Country: "XA", Names: []party.Name{{Text: "Tembuka Telecom"}}}},
			EndUse:  licensing.EndUse{Country: "XA"},
		}}
		if err := app.Do(ctx, h.Applicant, open); !fault.Is(err, fault.NotFound) {
			t.Fatalf("an exporter opens a case for the authority: %v", err)
		}
		h.Do(h.Officer, open)
		if _, _, err := app.Application(ctx, h.Applicant, id); !fault.Is(err, fault.NotFound) {
			t.Fatalf("the exporter reads it before the letter: %v", err)
		}
		inform := licensing.Inform{
			On: on, Letter: node.NewID(), Org: h.Firm, Basis: "Export Control Act, section 9 (made up)", Items: "Traffic probes and their software", Users: []string{"Tembuka Telecom"},
			Tariffs: []string{"8517.62"}, Destination: "XA", Text: "Reports say that the same model was used to throttle speech before an election.",
		}
		h.Do(h.Officer, inform)
		if v, _, err := app.Application(ctx, h.Applicant, id); err != nil || v.Versions[0].App.Title == "" {
			t.Fatalf("the exporter that was informed does not see its case: %v", err)
		}

		look := func(by node.LookBy, text string, want int) {
			t.Helper()
			out, err := app.LookUp(ctx, h.Customs, node.LookUp{By: by, Text: text, Purpose: "declaration", About: "26XN0001"})
			if err != nil || len(out.Informed) != want || len(out.Found) != 0 {
				t.Errorf("by %s %q: %d letters, %d lines (%v), want %d", by, text, len(out.Informed), len(out.Found), err, want)
			}
		}
		look(node.ByTariff, "8517 62 00", 1)
		look(node.ByTariff, "847130", 0)
		look(node.ByParty, "tembuka tel", 1)
		look(node.ByParty, "Ostria", 0)
		look(node.ByLicence, h.File(h.Officer, id).Case.Reference, 1)
		look(node.ByDeclaration, "26XN0001", 0)

		told := func(actor access.Actor, want int) {
			t.Helper()
			if got, err := app.InformedOf(ctx, actor); err != nil || len(got) != want {
				t.Errorf("%s is told of %d letters (%v), want %d", actor.Name, len(got), err, want)
			}
		}
		told(h.Applicant, 1)
		told(other, 0)
		inform.Letter, inform.Org = node.NewID(), ""
		h.Do(h.Officer, inform)
		told(other, 1)

		a := h.Application(nodetest.Example(t, "12"))
		a.Parties[0].Names, a.EndUse.Country = []party.Name{{Text: "TEMBUKA  Telecom"}}, "XA"
		later := h.Submit(a)
		about := func(want int) {
			t.Helper()
			if got, err := app.InformedAbout(ctx, h.Officer, h.File(h.Officer, later).Case); err != nil || len(got) != want {
				t.Errorf("a later case of the same end user shows %d letters (%v), want %d", len(got), err, want)
			}
		}
		about(2)
		h.Do(h.Officer, licensing.LiftInformed{On: on, Letter: inform.Letter, Why: "Replaced."})
		told(other, 0)
		about(1)
		look(node.ByTariff, "85176200", 1)
	})
}
