package followup_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/dispatch"
	"github.com/comity-project/comity/internal/incidents"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/verification"
)

// Case 7.5, as far as one state's own node goes: units are followed by serial
// number, a count finds fewer than left, which is a breach and opens an incident;
// from it the licence is revoked with what can still be stopped, in one act that
// names every live licence of the end user. What the alert does at another state's
// node is the next test.
func TestCase7_5SerialNumbersToRevocation(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		d := newDesk(t, app)
		entry := node.NewID()
		first, second := d.sworn(entry, false), d.sworn(entry, true)
		condition := licensing.Condition{ID: "c1", Type: licensing.Serials, Who: "licensee", What: "The stations stay at the named sites.", Verify: "Count on site", Consequence: "Revocation"}
		l, other := d.licensed(first, condition), d.licensed(second)
		clock.Move(time.Hour)
		d.left(l, 1, "S-1", "S-2", "S-3", "S-4", "S-5")

		on := verification.OnCheck{Check: node.NewID()}
		d.Do(d.Verifier, verification.Prepare{OnCheck: on, Licence: l.ID, Reason: verification.Condition, Why: "The licence asks for a count.", Checklist: "serials", Officer: d.Verifier.Account, Due: d.day().Add(9), Place: "Eight sites"})
		d.Do(d.Verifier, verification.RecordConsent{OnCheck: on, Day: d.day(), Answer: verification.Given, Said: "Clause 4."})
		check := "/verification/checks/" + on.Check
		f := d.page(check, d.Verifier).HasText("#task dd", "5 to be found, of 5 that left").Form(check + "/look")
		for _, q := range []string{"seal", "place", "spare"} {
			f.Set("look.answer."+q, "no")
		}
		found := ""
		for n := 1; n <= 4; n++ {
			found += fmt.Sprintf("S-%d\n", n)
		}
		f.Set("look.serials", found)
		d.post(f, d.Verifier).Redirects(check)
		f = d.page(check, d.Verifier).Form(check + "/conclude")
		f.Set("conclude.result", "unsatisfactory")
		f.Set("conclude.why", "One station is at a police post.")
		f.Values["conclude.conditions"] = []string{"c1"}
		d.post(f, d.Verifier).Redirects(check)
		d.page(check, d.Verifier).HasText("#finding dd", "4 of 5 found").HasText("#finding dd", "S-5")

		incident := d.page("/incidents", d.Officer).Count("tbody tr", 1).Link("XX-I-2026-0001")
		d.page(incident, d.Officer).HasText("#touched th", l.Reference).HasText("#touched th", other.Reference)
		f = d.page(incident, d.Officer).Form(incident + "/propose")
		f.Set("propose.licence."+l.ID, "revoke")
		f.Set("propose.licence."+other.ID, "suspend")
		f.Set("propose.ground", "condition")
		f.Values["propose.duties"] = []string{"stop"}
		f.Set("propose.told", "The stations are not where they have to be.")
		f.Set("propose.why", "Count of today.")
		for _, lever := range licensing.Levers {
			f.Set("propose.reach."+string(lever), "can_stop")
			f.Set("propose.how."+string(lever), "The licensee ends the subscription.")
		}
		d.post(f, d.Officer).Redirects(incident)
		if s := d.Issued(l.ID).Now(); s != licensing.Valid {
			t.Fatalf("%s before a second person looked", s)
		}
		f = d.page(incident, d.Senior).Form(incident + "/confirm")
		d.post(f, d.Senior).Redirects(incident)
		if a, b := d.Issued(l.ID), d.Issued(other.ID); a.Now() != licensing.Revoked || len(a.Reach) != len(licensing.Levers) || b.Now() != licensing.Suspended {
			t.Errorf("%s with %d levers, and %s", a.Now(), len(a.Reach), b.Now())
		}
		d.page("/exporter/licences/"+l.ID, d.Applicant).HasText("#told li", "Stop: no updates").LacksText("XX-I-")
		d.page(incident, d.Auditor).HasText("#acts", "took effect")
	})
}

// Case 7.5 at the node of another state, which the alert reaches as a file: the
// same day there is a task for each live licence and each open case of the end
// user, the case shows who published what under which grade, and one act on all
// the licences goes out from there.
func TestCase7_5AnAlertAsAFileReachesEveryLicence(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		d := newDesk(t, app)
		contact, entry := nodetest.Person(t, app, d.Authority, "contact", access.PointOfContact), node.NewID()
		first, second, open := d.sworn(entry, false), d.sworn(entry, true), d.sworn(entry, true)
		a, b := d.licensed(first), d.licensed(second)
		untied := d.Licence() // to the same name, which nobody tied to the entry
		user, _ := d.File(d.Officer, open).Case.App().EndUser()
		clock.Move(time.Hour)
		d.page("/cases/"+open, d.Officer).HasText("#reported", "does not mean that there is no concern").Count("#reported li", 0)

		collection, alert := node.NewID(), node.NewID()
		d.Do(contact, dispatch.OpenCollection{Collection: collection, Title: "From partners"})
		object := func(id, name string) string {
			return fmt.Sprintf(`{"type":"identity","spec_version":"2.1","id":"identity--00000000-0000-4000-8000-00000000000%s","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","name":%q,"description":"57 of 60 stations were found."}`, id, name)
		}
		bundle := `{"type":"bundle","id":"bundle--00000000-0000-4000-8000-000000000001","objects":[` + object("1", user.Name()) + "," + object("2", "Somebody else altogether") + `]}`
		if _, err := app.TakeFile(t.Context(), contact, node.TakeFile{
			Import: alert, Collection: collection, Name: "alert.json", Bytes: []byte(bundle), From: dispatch.Provenance{Source: "Ministry of Alvania", Licence: "LicenseRef-note-verbale", Admiralty: "A2"},
		}); err != nil {
			t.Fatal(err)
		}
		app.Runner().Drain(t.Context())

		work := d.page("/work", d.Officer)
		page := d.page("/exchange/imports/"+alert, d.Officer)
		for _, id := range []string{first, second, open, untied.Case} {
			ref := d.File(d.Officer, id).Case.Reference
			work.HasText("#duties", "What somebody published touches "+ref)
			page.HasText("#alert", ref)
		}
		work.HasText("#duties", "due "+app.Now().Format("2 January 2006"))
		page.Count("#alert form", 4).HasText("#alert li", "has a licence in force")
		d.page("/cases/"+open, d.Officer).HasText("#reported", "57 of 60 stations").HasText("#reported", "Ministry of Alvania (LicenseRef-note-verbale), grade A2").HasText("#reported .tlp", "TLP:AMBER+STRICT").HasText("#reported", "not a finding").
			LacksText("Somebody else altogether")
		d.gone("/exchange/imports/"+alert, d.Applicant)
		d.page("/exporter/licences/"+a.ID, d.Applicant).LacksText("Alvania")

		// One incident on the end user, one act on all of its licences; what nobody tied
		// to it was found by its name and stays.
		if to := page.Link("Open an incident"); to != "/incidents/new" {
			t.Errorf("the alert leads to %s", to)
		}
		incident := node.NewID()
		var groups []incidents.On
		for _, g := range incidents.Groups {
			groups = append(groups, incidents.On{Group: g, Effect: incidents.Unknown})
		}
		d.Do(d.Officer, incidents.Open{
			OnIncident: incidents.OnIncident{Incident: incident}, Kind: incidents.Report, Origin: incidents.State, Urgency: incidents.Days, Received: d.day(), Links: []incidents.Link{{Kind: incidents.User, Ref: entry}},
			Groups: groups, Words: incidents.Words{Title: "Stations sold on", What: "The alert of a partner.", StateCan: "Stop the subscription."},
		})
		at := "/incidents/" + incident
		f := d.page(at, d.Officer).HasText("#touched th", a.Reference).HasText("#touched th", b.Reference).HasText("#touched th", d.File(d.Officer, open).Case.Reference).Form(at + "/propose")
		for _, l := range []*licensing.Licence{a, b} {
			f.Set("propose.licence."+l.ID, "suspend")
		}
		f.Set("propose.ground", "new_facts")
		f.Values["propose.duties"] = []string{"stop"}
		f.Set("propose.told", "Use of the item is being looked into.")
		f.Set("propose.why", "The partner counted.")
		d.post(f, d.Officer).Redirects(at)
		d.post(d.page(at, d.Senior).Form(at+"/confirm"), d.Senior).Redirects(at)
		d.Later(clock, 5*24*time.Hour)
		app.Runner().Drain(t.Context())
		for l, want := range map[*licensing.Licence]licensing.LicenceStatus{a: licensing.Suspended, b: licensing.Suspended, untied: licensing.Valid} {
			if got := d.Issued(l.ID).Now(); got != want {
				t.Errorf("%s is %s, not %s", l.Reference, got, want)
			}
		}

		// Each is considered; nobody outside is told.
		for range 4 {
			f := d.page("/exchange/imports/"+alert, d.Officer).Form("/exchange/imports/" + alert + "/considered")
			f.Set("finding."+f.Get("case"), "same")
			f.Set("why."+f.Get("case"), "The same seat.")
			page = d.post(f, d.Officer)
			page.Redirects("/exchange/imports/" + alert)
		}
		app.Runner().Drain(t.Context())
		d.page("/exchange/imports/"+alert, d.Officer).Count("#alert form", 0).HasText("#alert li", "considered")
		d.page("/work", d.Officer).LacksText("What somebody published touches")
	})
}
