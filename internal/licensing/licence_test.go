package licensing_test

import (
	"strings"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/licensing"
)

func TestDecideLicence(t *testing.T) {
	suspend := licensing.Suspend{OnLicence: onLicence, Ground: "incident", Why: "A report of misuse."}
	do := func(cmds ...licensing.LicenceCommand) func(*world) {
		return func(w *world) {
			issued(w)
			for _, c := range cmds {
				w.licence(senior, c)
			}
		}
	}
	document := licensing.RecordDocument{OnLicence: onLicence, Document: "doc-l", Hash: hash}
	failing := map[string]bool{}
	for _, r := range []struct {
		name           string
		given          func(*world)
		when           licensing.LicenceCommand
		days           int
		event, refused string
	}{
		{"its document", do(), document, 0, "licence.documented", ""},
		{"its document twice", do(document), document, 0, "", "licensing.licence.documented"},
		{"the document of another version", do(), licensing.RecordDocument{OnLicence: onLicence, Document: "doc-2", Hash: hash, Version: 2}, 0, "", "licensing.licence.version"},
		{"a document that is not stored", do(), licensing.RecordDocument{OnLicence: onLicence, Document: "d"}, 0, "", "licensing.document.hash"},
		{"suspend", do(), suspend, 0, "licence.suspended", ""},
		{"suspend one line", do(), licensing.Suspend{OnLicence: onLicence, Lines: []string{"line-2"}, Ground: "incident", Why: "Updates only."}, 0, "licence.suspended", ""},
		{"suspend no line", do(), licensing.Suspend{OnLicence: onLicence, Lines: []string{"line-9"}, Ground: "incident", Why: "x"}, 0, "", "licensing.line.unknown"},
		{"suspend without ground", do(), licensing.Suspend{OnLicence: onLicence, Why: "x"}, 0, "", "licensing.licence.ground"},
		{"suspend without reason", do(), licensing.Suspend{OnLicence: onLicence, Ground: "incident"}, 0, "", "licensing.reason.missing"},
		{"suspend twice", do(suspend), suspend, 0, "", "licensing.licence.status.suspended"},
		{"reinstate", do(suspend), licensing.Reinstate{OnLicence: onLicence, Why: "Unfounded."}, 0, "licence.reinstated", ""},
		{"reinstate without reason", do(suspend), licensing.Reinstate{OnLicence: onLicence}, 0, "", "licensing.reason.missing"},
		{"reinstate what is valid", do(), licensing.Reinstate{OnLicence: onLicence, Why: "x"}, 0, "", "licensing.licence.status.valid"},
		{"revoke", do(suspend), licensing.Revoke{OnLicence: onLicence, Ground: "breach", Why: "Re-exported.", Reach: reach}, 0, "licence.revoked", ""},
		{"revoke without ground", do(), licensing.Revoke{OnLicence: onLicence, Why: "x"}, 0, "", "licensing.licence.ground"},
		{"revoke without reason", do(), licensing.Revoke{OnLicence: onLicence, Ground: "breach"}, 0, "", "licensing.reason.missing"},
		{"revoke without saying what can still be stopped", do(), licensing.Revoke{OnLicence: onLicence, Ground: "breach", Why: "x", Reach: reach[:4]}, 0, "", "licensing.reach.missing"},
		{"revoke without saying how", do(), licensing.Revoke{OnLicence: onLicence, Ground: "breach", Why: "x", Reach: append([]licensing.ReachSaid{{Lever: licensing.LeverUpdates, State: licensing.CanStop}}, reach[1:]...)}, 0, "", "licensing.reach.how"},
		{"revoke twice", do(licensing.Revoke{OnLicence: onLicence, Ground: "breach", Why: "x", Reach: reach}), licensing.Revoke{OnLicence: onLicence, Ground: "breach", Why: "x", Reach: reach}, 0, "", "licensing.licence.status.revoked"},
		{"tell the holder what to do", do(), licensing.Instruct{OnLicence: onLicence, Duties: []string{"stop"}, Text: "Stop the updates."}, 0, "licence.instructed", ""},
		{"tell the holder what nobody knows", do(), licensing.Instruct{OnLicence: onLicence, Duties: []string{"apologise"}, Text: "x"}, 0, "", "licensing.instruct.duty"},
		{"tell the holder nothing", do(), licensing.Instruct{OnLicence: onLicence}, 0, "", "licensing.reason.missing"},
		{"expire", do(), licensing.Expire{OnLicence: onLicence}, 800, "licence.expired", ""},
		{"expire too early", do(), licensing.Expire{OnLicence: onLicence}, 10, "", "licensing.licence.running"},
		{"what is not there", draft, suspend, 0, "", "licensing.licence.unknown"},
	} {
		t.Run(r.name, func(t *testing.T) {
			w := newWorld(t)
			r.given(w)
			w.later(r.days)
			events, err := licensing.DecideLicence(w.l, r.when, w.facts(senior))
			if r.refused != "" {
				failing[r.when.Name()+" "+r.refused] = true
				if !says(err, r.refused) {
					t.Fatalf("want %s, got %v", r.refused, err)
				}
				return
			}
			if err != nil || events[0].Event.EventType() != r.event {
				t.Fatalf("%v, %v", events, err)
			}
			w.store(senior, events)
		})
	}
	for _, tr := range licensing.LicenceTable {
		if tr.Act == access.LicenceUseOwn || tr.Act == access.CustomsUse || tr.Act == access.LicenceVerify || strings.Contains(tr.Command, "variation") || strings.HasPrefix(tr.Command, "undertaking.") {
			continue // TestDecideUse, TestDecideVariation, TestAnUndertakingBindsAsConditionsDo
		}
		for _, g := range tr.Guards {
			if !failing[tr.Command+" "+g] {
				t.Errorf("%s: no row fails at %s", tr.Command, g)
			}
		}
	}
}

func TestStatusAt(t *testing.T) {
	w := newWorld(t)
	issued(w)
	day := func(s string) time.Time {
		d, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	is := func(at string, want licensing.LicenceStatus) {
		t.Helper()
		if got := w.l.StatusAt(day(at), w.cal.Location()); got != want {
			t.Errorf("%s: %s, want %s", at, got, want)
		}
	}
	is("2026-11-23T12:00:00Z", licensing.NotYetValid)
	is("2026-11-23T23:30:00Z", licensing.Valid) // already the 24th in Oslo
	is("2028-11-23T22:00:00Z", licensing.Valid)
	is("2028-11-23T23:30:00Z", licensing.Expired)
	w.later(10).licence(senior, licensing.Suspend{OnLicence: onLicence, Lines: []string{"line-2"}, Ground: "incident", Why: "x"})
	is("2026-12-04T12:00:00Z", licensing.Restricted)
	is("2026-11-25T12:00:00Z", licensing.Valid) // as it was then
	if !w.l.SuspendedLine("line-2") || w.l.SuspendedLine("line-1") {
		t.Error("the wrong line is suspended")
	}
	w.later(10).licence(senior, licensing.Revoke{OnLicence: onLicence, Ground: "breach", Why: "x", Reach: reach})
	is("2026-12-14T12:00:00Z", licensing.Revoked)
	is("2030-12-14T12:00:00Z", licensing.Revoked)
}

func TestThePublicCheckSaysNothingElse(t *testing.T) {
	w := newWorld(t)
	issued(w)
	w.licence(node, licensing.RecordDocument{OnLicence: onLicence, Document: "doc-l", Hash: hash})
	if a := licensing.PublicCheck(nil, "", w.now, nil); a != (licensing.PublicAnswer{}) {
		t.Errorf("an unknown code: %+v", a)
	}
	if a := licensing.PublicCheck(w.l, w.l.CodeHash, w.now.AddDate(0, 0, 3), w.cal.Location()); a != (licensing.PublicAnswer{Genuine: true, Status: licensing.Valid, Hash: hash}) {
		t.Errorf("%+v", a)
	}
	typed, ok := licensing.NormalCode(" 7kq2 m9xr-4tbd W3ZE8hnp ")
	if !ok || licensing.CodeHash(typed) != w.l.CodeHash {
		t.Errorf("the code as typed does not find it: %q", typed)
	}
	if strings.Contains(w.readable(), "7KQ2") {
		t.Error("the code itself is kept")
	}
	for _, s := range w.stored {
		for _, b := range append(s.parts, s.kept) {
			if strings.Contains(string(b), "7KQ2") || strings.Contains(string(b), typed) {
				t.Errorf("%s holds the code", s.typ)
			}
		}
	}
	for _, bad := range []string{"", "7KQ2", "7KQ2-M9XR-4TBD-W3Z!", strings.Repeat("A", 65), "УУУУУУУУУУУУУУУУ"} {
		if _, ok := licensing.NormalCode(bad); ok {
			t.Errorf("%q is taken for a code", bad)
		}
	}
	if a, _ := licensing.NormalCode("OOOOIIIILLLL1234"); a != "0000111111111234" {
		t.Errorf("look-alikes: %q", a)
	}
}
