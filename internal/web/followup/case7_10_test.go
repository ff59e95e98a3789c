package followup_test

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/incidents"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/statistics"
	"github.com/comity-project/comity/internal/verification"
)

// Case 7.10, as far as one state's own node goes: three licences for one end user
// stand in for those of three states. A report with evidence is entered by hand;
// its source is sealed; the end user is matched to every live licence; one is
// suspended within the hour, one varied and one checked; the exporter
// contests the variation in 28 days and a panel upholds it; nothing is revoked;
// whoever reported is answered, and the year's figures show one of each and agree
// with the ledger.
//
// Left out, as it needs several nodes: the accredited organisation's own channel of
// reports, the alert to the other states, their licences and their own measures,
// and the protection of the source across their nodes.
func TestCase7_10PostShipmentMisuseOnOneNode(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		d := newDesk(t, app)
		highest, entry := d.senior(), node.NewID()
		panel := nodetest.Person(t, app, d.Authority, "panel", access.SeniorOfficer)
		alvania, norland, westmark := d.licensed(d.sworn(entry, false)), d.licensed(d.sworn(entry, true)), d.licensed(d.sworn(entry, true))
		elsewhere := d.Licence() // to a party that nobody tied to the end user
		clock.Move(time.Hour)
		d.left(westmark, 1, "W-1", "W-2")

		// The report, graded and sealed; its end user chosen from the register.
		f := d.page("/incidents/new", d.Officer).Form("/incidents/open")
		f.Set("open.find", "Vedensky")
		f.Set("find", "open")
		f = d.post(f, d.Officer).HasText("label", "Веденский листок").Form("/incidents/open")
		f.Values["open.user"] = []string{entry}
		for name, value := range map[string]string{
			"kind": "report", "title": "Used on reporters", "what": "Forensic evidence names the operator: two phones, two dates.", "urgency": "hour", "state_can": "Stop deliveries, updates and keys.",
			"origin": "outside", "raised": "Veden Press Union, Maryam Testova", "item": norland.Lines[0].Code,
		} {
			f.Set("open."+name, value)
		}
		for _, g := range incidents.Groups {
			f.Set("open.group."+g, "unknown")
		}
		f.Set("open.group.journalists", "affected")
		date(f, "open.received", clock.Now())
		page := "/incidents/" + f.Get("open.id")
		d.post(f, d.Officer).Redirects(page)
		shown := d.page(page, d.Officer)
		for _, l := range []*licensing.Licence{alvania, norland, westmark} {
			shown.HasText("#touched th", l.Reference)
		}
		sealed := func(when string) {
			t.Helper()
			d.page(page, d.Verifier).LacksText("Veden Press Union").LacksText("Maryam").LacksText("who may be at risk")
			for _, who := range []access.Actor{d.Customs, d.Applicant, d.Technical} {
				d.gone(page, who)
			}
			for _, l := range []*licensing.Licence{alvania, norland, westmark} {
				d.page("/exporter/licences/"+l.ID, d.Applicant).LacksText("Veden Press Union").LacksText("Maryam").LacksText("XX-I-")
			}
			if t.Failed() {
				t.Fatal(when)
			}
		}
		sealed("after the report")

		// Within the hour: one senior officer suspends, customs stop at once.
		f = d.page(page, d.Senior).Form(page + "/halt")
		f.Values["halt.licences"] = []string{alvania.ID}
		f.Set("halt.told", "Your licence is suspended while we look into a matter.")
		f.Set("halt.why", "Life is at risk.")
		d.post(f, d.Senior).Redirects(page)
		out, err := app.LookUp(t.Context(), d.Customs, node.LookUp{By: node.ByLicence, Text: alvania.Reference, Purpose: "declaration", About: "26XN000002"})
		if err != nil || len(out.Found) != 1 || out.Found[0].MayLeave() {
			t.Fatalf("customs find %+v, %v", out, err)
		}
		d.page("/exporter/licences/"+alvania.ID, d.Applicant).LacksText("uspended")
		f = d.page(page, highest).Form(page + "/uphold")
		f.Set("uphold.why", "Agreed.")
		d.post(f, highest).Redirects(page)
		sealed("after the emergency")

		// One reviewed act on the others: one is varied, one is checked, none revoked.
		f = d.page(page, d.Officer).Form(page + "/propose")
		f.Set("propose.licence."+norland.ID, "vary")
		f.Set("propose.licence."+westmark.ID, "check")
		f.Set("propose.ground", "new_facts")
		f.Values["propose.duties"] = []string{"stop", "support"}
		f.Set("propose.told", "Use of the item is being looked into.")
		f.Set("propose.why", "The evidence is well founded.")
		d.post(f, d.Officer).Redirects(page)
		f = d.page(page, d.Senior).HasText("#confirm", "so that it does not point back").Form(page + "/confirm")
		d.post(f, d.Senior).Redirects(page)
		d.Later(clock, 5*24*time.Hour)
		app.Runner().Drain(t.Context())
		for l, want := range map[*licensing.Licence]licensing.LicenceStatus{alvania: licensing.Suspended, norland: licensing.Restricted, westmark: licensing.Valid, elsewhere: licensing.Valid} {
			if got := d.Issued(l.ID); got.Now() != want || got.Shown() != want {
				t.Errorf("%s is %s, shown as %s, not %s", l.Reference, got.Now(), got.Shown(), want)
			}
		}
		if told := d.Issued(norland.ID).Told; len(told) != 1 || !slices.Equal(told[0].Duties, []string{"stop", "support"}) {
			t.Errorf("the holder of what was varied is told %+v", told)
		}
		sealed("after the act")

		// The end-use check finds what the report says.
		on := verification.OnCheck{Check: node.NewID()}
		d.Do(d.Verifier, verification.Prepare{OnCheck: on, Licence: westmark.ID, Reason: verification.Report, Why: "Something was reported.", Checklist: "papers", Officer: d.Verifier.Account, Due: d.day().Add(9), Place: "Veden"})
		check := "/verification/checks/" + on.Check
		f = d.page(check, d.Verifier).Form(check + "/look")
		for _, q := range []string{"delivery", "receipt", "count"} {
			f.Set("look.answer."+q, "no")
		}
		d.post(f, d.Verifier).Redirects(check)
		f = d.page(check, d.Verifier).Form(check + "/conclude")
		f.Set("conclude.result", "unsatisfactory")
		f.Set("conclude.why", "Receipt was signed by nobody of the house.")
		d.post(f, d.Verifier).Redirects(check)

		// Within 28 days the exporter contests that its licence was varied; a panel of
		// two who had no part in it upholds that, and nothing of what was decided
		// before is lost.
		d.Later(clock, 20*24*time.Hour)
		before := d.Issued(norland.ID)
		appeal := "/exporter/cases/" + norland.Case + "/appeal?measure=" + strconv.FormatInt(before.Contestable()[0].Seq, 10)
		f = d.page(appeal, d.Applicant).Form(appeal)
		f.Set("text", "Updates keep the equipment safe.")
		d.post(f, d.Applicant)
		tab := "/cases/" + norland.Case + "/decision"
		f = d.page(tab+"/review", d.Coordinator).Form(tab + "/review")
		f.Values["reviewers"] = []string{d.Second.Account, panel.Account}
		d.post(f, d.Coordinator).Redirects(tab + "#appeals")
		f = d.page(tab+"/appeal", panel).Form(tab + "/appeal")
		for name, value := range map[string]string{"result": "upheld", "reasons": "Updates are what the evidence shows misused.", "told": "The licence stays limited: the item was to be used otherwise."} {
			f.Set(name, value)
		}
		d.post(f, panel).Redirects(tab + "#appeals")
		after, c := d.Issued(norland.ID), d.File(d.Officer, norland.Case).Case
		if after.Now() != licensing.Restricted || len(after.History) < len(before.History) || len(c.Decisions()) != 1 || c.Decision.Licence != norland.ID || c.Stage != licensing.DecidedStage {
			t.Errorf("after the appeal the licence is %s, with %d of %d entries and %d decisions", after.Now(), len(after.History), len(before.History), len(c.Decisions()))
		}
		d.page(tab, d.Auditor).HasText("#appeals", "upheld")
		app.Runner().Drain(t.Context())
		d.page("/exporter/cases/"+norland.Case, d.Applicant).HasText("main", "The licence stays limited")
		sealed("after the appeal")

		// Whoever reported is answered before it is closed.
		f = d.page(page, d.Officer).Form(page + "/answer")
		f.Set("answer.text", "We acted on what you told us; we cannot say how.")
		date(f, "answer.day", clock.Now())
		d.post(f, d.Officer).Redirects(page)
		f = d.page(page, d.Officer).Form(page + "/end")
		f.Set("end.why", "Suspended, varied, checked; answered.")
		d.post(f, d.Officer).Redirects(page)

		figures, differences, err := app.CheckYear(t.Context(), access.System(), clock.Now().Year())
		if err != nil || len(differences) > 0 {
			t.Fatalf("the year differs from the ledger: %+v, %v", differences, err)
		}
		for _, r := range figures.Table(statistics.ByOutcome).Rows {
			want := int64(0)
			if r.Key == "suspended" || r.Key == "restricted" || r.Key == "unsatisfactory" {
				want = 1
			}
			if r.Counts[0] != want {
				t.Errorf("%s: %d, not %d", r.Key, r.Counts[0], want)
			}
		}
	})
}
