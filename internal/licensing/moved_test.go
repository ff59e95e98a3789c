package licensing_test

import (
	"testing"

	"github.com/comity-project/comity/internal/licensing"
)

// An officer's open page is out of date when a person did something to the case,
// or the node something that the page must be read again for; never because the
// node filed a letter that it wrote itself. Who gets the case depends on nothing
// but whose it is.
func TestWhatPutsAnOpenPageOutOfDate(t *testing.T) {
	letter := licensing.RecordLetter{On: on, Kind: licensing.LetterDecision, Document: "doc-l", Hash: hash}
	for _, c := range []struct {
		name   string
		given  func(*world)
		when   func(*world)
		moved  bool // for most commands
		handed bool // for handing the case over
	}{
		{"the node files a letter", issued, func(w *world) { w.do(node, letter) }, false, false},
		{"a search ends and its outcome is carried to the list", assigned, func(w *world) {
			w.do(node, licensing.NoteAssessment{On: on, Severity: 4, Complete: true, Basis: 1})
		}, false, false},
		{"an officer's finding is carried to the list", assigned, func(w *world) {
			w.do(officer, licensing.NoteAssessment{On: on, Severity: 4, Complete: true, Basis: 1})
		}, true, false},
		{"a hit came up", assigned, func(w *world) {
			w.do(node, licensing.ChangeBasis{On: on, What: licensing.BasisHit, Ref: "hit/1"})
		}, true, false},
		{"an officer links a party", assigned, func(w *world) {
			w.do(officer, licensing.LinkParty{On: on, Party: "party-1", Register: "moi"})
		}, true, false},
		{"it is given to an officer", submitted, func(w *world) {
			w.do(officer, licensing.Assign{On: on, Officer: "officer"})
		}, true, true},
	} {
		w := newWorld(t)
		c.given(w)
		seen := w.c.MovedAt(licensing.Recommend{})
		handed := w.c.MovedAt(licensing.Assign{})
		c.when(w)
		if got := w.c.MovedAt(licensing.Recommend{}) > seen; got != c.moved {
			t.Errorf("%s: out of date %v, want %v", c.name, got, c.moved)
		}
		if got := w.c.MovedAt(licensing.Assign{}) > handed; got != c.handed {
			t.Errorf("%s: out of date for a hand-over %v, want %v", c.name, got, c.handed)
		}
	}

	w := newWorld(t)
	issued(w)
	seen := w.l.MovedAt(nil)
	w.licence(node, licensing.RecordDocument{OnLicence: onLicence, Document: "doc-l", Hash: hash})
	if seen == 0 || w.l.MovedAt(nil) != seen {
		t.Errorf("the licence's document was filed: moved at %d, seen %d", w.l.MovedAt(nil), seen)
	}
}
