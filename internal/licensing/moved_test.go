package licensing_test

import (
	"testing"

	"github.com/comity-project/comity/internal/licensing"
)

// An officer's open page is out of date when a person did something to the case,
// or the node something that the page must be read again for; never because the
// node filed a letter that it wrote itself.
func TestWhatPutsAnOpenPageOutOfDate(t *testing.T) {
	letter := licensing.RecordLetter{On: on, Kind: licensing.LetterDecision, Document: "doc-l", Hash: hash}
	for _, c := range []struct {
		name  string
		given func(*world)
		when  func(*world)
		moved bool
	}{
		{"the node files a letter", issued, func(w *world) { w.do(node, letter) }, false},
		{"a search ends and its outcome is carried to the list", assigned, func(w *world) {
			w.do(node, licensing.NoteAssessment{On: on, Severity: 4, Complete: true, Basis: 1})
		}, false},
		{"an officer's finding is carried to the list", assigned, func(w *world) {
			w.do(officer, licensing.NoteAssessment{On: on, Severity: 4, Complete: true, Basis: 1})
		}, true},
		{"a hit came up", assigned, func(w *world) {
			w.do(node, licensing.ChangeBasis{On: on, What: licensing.BasisHit, Ref: "hit/1"})
		}, true},
		{"an officer links a party", assigned, func(w *world) {
			w.do(officer, licensing.LinkParty{On: on, Party: "party-1", Register: "moi"})
		}, true},
	} {
		w := newWorld(t)
		c.given(w)
		seen := w.c.MovedAt()
		c.when(w)
		if got := w.c.MovedAt() > seen; got != c.moved {
			t.Errorf("%s: out of date %v, want %v", c.name, got, c.moved)
		}
	}

	w := newWorld(t)
	issued(w)
	seen := w.l.MovedAt()
	w.licence(node, licensing.RecordDocument{OnLicence: onLicence, Document: "doc-l", Hash: hash})
	if seen == 0 || w.l.MovedAt() != seen {
		t.Errorf("the licence's document was filed: moved at %d, seen %d", w.l.MovedAt(), seen)
	}
}
