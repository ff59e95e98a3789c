package licensing_test

import (
	"testing"

	"github.com/comity-project/comity/internal/licensing"
)

var quarterly = licensing.Condition{
	ID: "c1", Type: licensing.Reports, Who: "licensee", What: "A summary of the log goes to the authority each quarter.", EveryDays: 90, Until: "2027-08-01",
	Verify: "Comparison with the log", Consequence: "Reminder, then suspension",
}

// underDuty is a licence with a report due every ninety days until 1 August.
func underDuty(w *world) {
	conditions := []licensing.Condition{quarterly, {ID: "c2", Type: licensing.WithoutReexport, Who: "licensee", What: "Nothing is re-exported.", Verify: "Post-shipment check", Consequence: "Revocation"}}
	advised(w)
	w.do(officer, recommend(licensing.Issue, conditions...))
	w.do(second, licensing.Countersign{On: on, Agree: true})
	w.do(officer, decide(licensing.Issue, conditions...))
}

func reports(n int) licensing.ReportDuty {
	return licensing.ReportDuty{OnLicence: onLicence, Condition: "c1", Number: n, Said: "Twelve warrants, twelve targets."}
}

func reviews(n int, r licensing.DutyResult) licensing.ReviewDuty {
	return licensing.ReviewDuty{OnLicence: onLicence, Condition: "c1", Number: n, Result: r, Why: "Compared with the log."}
}

// A condition's reports are due one after the other, the last on its last day; a
// report that makes nothing clear is asked for again; one that shows a breach
// records it.
func TestDuties(t *testing.T) {
	type act struct {
		who licensing.Actor
		cmd licensing.LicenceCommand
	}
	for _, c := range []struct {
		name     string
		given    []act
		when     licensing.LicenceCommand
		who      licensing.Actor
		refused  string
		due      string // of the next open report afterwards; "" for none
		breaches int
	}{
		{name: "the first", when: reports(1), who: exporter, due: "2027-05-23"},
		{name: "two at once", when: reports(2), who: exporter, refused: "licensing.duty.not_open"},
		{name: "the last falls on the last day", given: []act{{exporter, reports(1)}, {exporter, reports(2)}}, when: reports(3), who: exporter, due: ""},
		{name: "after the last", given: []act{{exporter, reports(1)}, {exporter, reports(2)}, {exporter, reports(3)}}, when: reports(4), who: exporter, refused: "licensing.duty.not_open"},
		{name: "with nothing said", when: licensing.ReportDuty{OnLicence: onLicence, Condition: "c1", Number: 1}, who: exporter, refused: "licensing.reason.missing"},
		{name: "on no condition", when: licensing.ReportDuty{OnLicence: onLicence, Condition: "c9", Number: 1, Said: "x"}, who: exporter, refused: "licensing.duty.unknown"},
		{name: "on one without a day", when: licensing.ReportDuty{OnLicence: onLicence, Condition: "c2", Number: 1, Said: "x"}, who: exporter, refused: "licensing.duty.not_open"},
		{name: "kept", given: []act{{exporter, reports(1)}}, when: reviews(1, licensing.DutyKept), who: verifier, due: "2027-05-23"},
		{name: "not clear: the same again", given: []act{{exporter, reports(1)}}, when: reviews(1, licensing.DutyNotClear), who: verifier, due: "2027-02-22"},
		{name: "not kept: a breach", given: []act{{exporter, reports(1)}}, when: reviews(1, licensing.DutyNotKept), who: verifier, due: "2027-05-23", breaches: 1},
		{name: "looked at twice", given: []act{{exporter, reports(1)}, {verifier, reviews(1, licensing.DutyKept)}}, when: reviews(1, licensing.DutyNotKept), who: verifier, refused: "licensing.duty.not_waiting"},
		{name: "looked at without a result", given: []act{{exporter, reports(1)}}, when: reviews(1, "fine"), who: verifier, refused: "licensing.duty.result"},
		{name: "looked at without a reason", given: []act{{exporter, reports(1)}}, when: licensing.ReviewDuty{OnLicence: onLicence, Condition: "c1", Number: 1, Result: licensing.DutyKept}, who: verifier, refused: "licensing.reason.missing"},
		{name: "a breach found another way", when: licensing.FindBreach{OnLicence: onLicence, Condition: "c2", Why: "The device stands in another country."}, who: verifier, due: "2027-02-22", breaches: 1},
		{name: "a breach of nothing", when: licensing.FindBreach{OnLicence: onLicence, Condition: "c9", Why: "x"}, who: verifier, refused: "licensing.duty.unknown"},
		{name: "a breach without a reason", when: licensing.FindBreach{OnLicence: onLicence, Condition: "c2"}, who: verifier, refused: "licensing.reason.missing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			underDuty(w)
			apply := func(who licensing.Actor, cmd licensing.LicenceCommand) error {
				events, err := licensing.DecideLicence(w.l, cmd, w.facts(who))
				if err == nil {
					w.store(who, events)
				}
				return err
			}
			for _, a := range c.given {
				if err := apply(a.who, a.cmd); err != nil {
					t.Fatal(err)
				}
			}
			err := apply(c.who, c.when)
			if c.refused != "" {
				if !says(err, c.refused) {
					t.Fatalf("want %s, got %v", c.refused, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			d, open := w.l.Open(w.l.Condition("c1"))
			if open != (c.due != "") || open && string(d.Due) != c.due {
				t.Errorf("next due on %q (%v), want %q", d.Due, open, c.due)
			}
			if len(w.l.Breaches) != c.breaches {
				t.Errorf("%d breaches, want %d", len(w.l.Breaches), c.breaches)
			}
		})
	}
}

// refused is a case in which the applicant let the time for a reply pass.
func refused(w *world) {
	intended(w)
	w.later(60)
	w.do(officer, decide(licensing.RefuseLine))
}
