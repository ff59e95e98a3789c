package followup_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/verification"
)

// Case 7.5, as far as one state's own node goes: units are followed by serial
// number, a count finds fewer than left, which is a breach and opens an incident;
// from it the licence is revoked with what can still be stopped, in one act that
// names every live licence of the end user. The alert to other states is not
// part of it.
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
