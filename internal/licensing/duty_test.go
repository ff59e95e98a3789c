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
		{name: "with nothing said", when: licensing.ReportDuty{OnLicence: onLicence, Condition: "c1", Number: 1}, who: exporter, refused: "licensing.duty.said_missing"},
		{name: "with a document that is not stored", when: licensing.ReportDuty{OnLicence: onLicence, Condition: "c1", Number: 1, Said: "x", Documents: []licensing.Document{{ID: "d"}}}, who: exporter, refused: "licensing.document.hash"},
		{name: "with a document", when: licensing.ReportDuty{OnLicence: onLicence, Condition: "c1", Number: 1, Said: "x", Documents: []licensing.Document{{ID: "d", Kind: "duty", Title: "Log.csv", Hash: hash, Size: 9}}}, who: exporter, due: "2027-05-23"},
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

var siteOnly = licensing.Condition{ID: "u2", Type: licensing.AtSite, Lines: []string{"line-1"}, Who: "party-1", What: "At the two named sites alone.", Verify: "Visit", Consequence: "A licence is needed"}

// undertook is a case that ends without a licence, under an undertaking with a
// report every quarter.
func undertook(w *world) {
	cmd := submit()
	cmd.Application.Kind = "notification"
	for _, p := range []string{"NOT-1", "NOT-2"} {
		cmd.Application.Answers = append(cmd.Application.Answers, licensing.Answer{Paragraph: p, Text: "Seen on the stand of a dealer."})
	}
	w.do(exporter, cmd, func(f *licensing.Facts) { f.Kind, _ = w.kinds.Of("notification") }).do(officer, licensing.Assign{On: on, Officer: "officer"})
	w.do(officer, seek()).do(officer, reply(licensing.Given)).do(officer, verify(licensing.Verified)).do(adviser, advise("adv-1", licensing.Approve))
	report := quarterly
	report.Until = ""
	conditions := []licensing.Condition{report, siteOnly}
	w.do(officer, recommend(licensing.Undertaken, conditions...)).do(second, licensing.Countersign{On: on, Agree: true})
	w.do(officer, decide(licensing.Undertaken, conditions...))
}

var onUndertaking = licensing.OnUndertaking(on.Case)

// What an applicant undertook binds from the day of the decision and without an
// end: it is reported on, looked at and found broken as a condition is, until
// the authority releases it. It is no licence: nothing else can be done with it.
func TestAnUndertakingBindsAsConditionsDo(t *testing.T) {
	w := newWorld(t)
	undertook(w)
	if w.l.Now() != licensing.Undertook || w.l.Kind != licensing.KindUndertaking || len(w.l.Conditions) != 2 || w.l.Conditions[1].What != siteOnly.What || w.l.Until != "" {
		t.Fatalf("%s, %+v", w.l.Now(), w.l.Bound)
	}
	open := func(want string) {
		t.Helper()
		if d := w.l.Duties(); len(d) == 0 && want != "" || len(d) > 0 && string(d[0].Due) != want {
			t.Fatalf("open: %+v, want %q", d, want)
		}
	}
	open("2027-02-21")
	w.licence(exporter, licensing.ReportDuty{OnLicence: onUndertaking, Condition: "c1", Number: 1, Said: "Two sites, as before."})
	w.licence(verifier, licensing.ReviewDuty{OnLicence: onUndertaking, Condition: "c1", Number: 1, Result: licensing.DutyNotKept, Why: "One stands elsewhere."})
	w.licence(verifier, licensing.FindBreach{OnLicence: onUndertaking, Condition: "u2", Why: "Seen in a third place."})
	open("2027-05-22")
	if len(w.l.Breaches) != 2 {
		t.Errorf("%d breaches", len(w.l.Breaches))
	}
	w.later(800) // none falls due for the first time because the world stood still
	open("2027-05-22")
	for _, cmd := range []licensing.LicenceCommand{
		licensing.Suspend{OnLicence: onUndertaking, Ground: "breach", Why: "x"},
		licensing.Expire{OnLicence: onUndertaking},
		licensing.Revoke{OnLicence: onUndertaking, Ground: "breach", Why: "x", Reach: reach},
		licensing.RecordDocument{OnLicence: onUndertaking, Document: "d", Hash: hash},
		licensing.Instruct{OnLicence: onUndertaking, Duties: []string{"stop"}, Text: "x"},
	} {
		if _, err := licensing.DecideLicence(w.l, cmd, w.facts(senior)); !says(err, "licensing.licence.status.undertook") {
			t.Errorf("%s: %v", cmd.Name(), err)
		}
	}
	if _, err := licensing.DecideLicence(w.l, licensing.Release{OnLicence: onUndertaking}, w.facts(senior)); !says(err, "licensing.reason.missing") {
		t.Errorf("released without a reason: %v", err)
	}
	w.licence(senior, licensing.Release{OnLicence: onUndertaking, Why: "Everything came back."})
	open("2027-05-22") // fell due before, and is still owed
	w.licence(exporter, licensing.ReportDuty{OnLicence: onUndertaking, Condition: "c1", Number: 2, Said: "Late."})
	if _, err := licensing.DecideLicence(w.l, licensing.Release{OnLicence: onUndertaking, Why: "x"}, w.facts(senior)); !says(err, "licensing.licence.status.released") {
		t.Errorf("released twice: %v", err)
	}
	for _, r := range w.l.Rows() {
		if r.Table != "licence_duty" {
			t.Errorf("an undertaking has a row of %s", r.Table)
		}
	}
}

// A licence is revoked or surrendered, never released.
func TestALicenceIsNotReleased(t *testing.T) {
	w := newWorld(t)
	issued(w)
	if _, err := licensing.DecideLicence(w.l, licensing.Release{OnLicence: onLicence, Why: "x"}, w.facts(senior)); !says(err, "licensing.licence.status.valid") {
		t.Error(err)
	}
}
