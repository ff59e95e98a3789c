package followup_test

import (
	"testing"
	"time"

	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/party"
	"github.com/comity-project/comity/internal/verification"
	"github.com/comity-project/comity/policy"
)

// sworn is the worked case of the newspaper's encryption with an assurance of its
// end user that was verified, and the end user an entry of the register.
func (d desk) sworn(entry string, registered bool) string {
	d.T.Helper()
	in := nodetest.Example(d.T, "12")
	in.Assurances = []assessment.Assurance{{Assurance: policy.Assurance{Kind: "not_reexported", Sought: true, Given: true, Check: "count on site", Verified: true}}}
	id := d.Submit(d.Application(in))
	user, _ := d.File(d.Officer, id).Case.App().EndUser()
	if !registered {
		d.Do(d.Officer, party.Register{On: party.On{Entry: entry}, Party: user, Source: "case/" + id})
	}
	d.Do(d.Officer, licensing.LinkParty{On: licensing.On{Case: id}, Party: user.ID, Register: entry})
	d.Settle(id, in)
	d.Complete(id, in)
	return id
}

// licensed decides such a case.
func (d desk) licensed(id string, conditions ...licensing.Condition) *licensing.Licence {
	d.T.Helper()
	on := licensing.On{Case: id}
	outcomes := []licensing.LineOutcome{{Line: d.File(d.Officer, id).Case.App().Lines[0].ID, Outcome: licensing.Issue}}
	d.Do(d.Officer, licensing.Recommend{On: on, Outcomes: outcomes, Conditions: conditions, Reasons: "It protects those who use it."})
	d.Do(d.Senior, licensing.Countersign{On: on, Agree: true})
	from, l := deadline.DateOf(d.App.Now(), nil), node.NewID()
	d.Do(d.Officer, licensing.DecideCase{
		On: on, Outcomes: outcomes, Conditions: conditions, Reasons: "As recommended.", Redress: "2026-11-22",
		ToApplicant: []licensing.ReleasedReason{{Ground: "COC-4a", Text: "It protects those who use it."}},
		Licence:     &licensing.NewLicence{ID: l, Code: "0123456789ABCDEF" + l[len(l)-8:], From: from, Until: from.Add(730)},
	})
	return d.Issued(l)
}

// checked plans a check of papers of a licence, for the verifier.
func (d desk) checked(l *licensing.Licence) verification.OnCheck {
	d.T.Helper()
	on := verification.OnCheck{Check: node.NewID()}
	d.Do(d.Verifier, verification.Prepare{OnCheck: on, Licence: l.ID, Reason: verification.Report, Why: "Sold on, it is said.", Checklist: "papers", Officer: d.Verifier.Account, Due: d.day().Add(5), Place: "Veden"})
	var seen []verification.Seen
	for _, q := range []string{"delivery", "receipt", "count"} {
		seen = append(seen, verification.Seen{Item: q, Answer: verification.No})
	}
	d.Do(d.Verifier, verification.Look{OnCheck: on, Answers: seen})
	return on
}

// C4-5: an assurance whose giver's authority is not on record is not verified by
// a check either. C4-8: what a check abroad finds broken counts in every case of
// the same end user, and lowers no risk there.
func TestC4_8_WhatACheckFindsBrokenLowersNoRiskElsewhere(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		d := newDesk(t, app)
		entry := node.NewID()
		first, second := d.sworn(entry, false), d.sworn(entry, true)
		l := d.licensed(first)
		clock.Move(time.Hour)
		d.left(l, 1, "K-1")
		d.page("/cases/"+second+"/assurances", d.Officer).HasText("td", "verified: may lower the risk")

		on := d.checked(l)
		check := "/verification/checks/" + on.Check
		a := d.File(d.Officer, first).Case.Assurances[0]
		name := "conclude.promise." + a.ID + "." + string(a.Clauses[0])
		f := d.page(check, d.Verifier).NothingChosen(name).Form(check + "/conclude")
		f.Set("conclude.result", "partial")
		f.Set("conclude.why", "Two were offered for sale in Alvania.")
		f.Set(name, "broken")
		d.post(f, d.Verifier).HasText(".govuk-error-summary", "What is broken is unsatisfactory")
		f.Set("conclude.result", "unsatisfactory")
		d.post(f, d.Verifier).Redirects(check)
		d.page(check, d.Verifier).HasText("#finding dd", "Broken")
		ref := d.File(d.Officer, first).Case.Reference
		d.page("/cases/"+second+"/assurances", d.Officer).HasText("td", "broke an assurance in case "+ref)
		if s := d.File(d.Officer, second).Broken; len(s) != 1 || s[0].Case != ref {
			t.Errorf("broken elsewhere: %+v", s)
		}
	})
}
