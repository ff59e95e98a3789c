package licensing_test

import (
	"strings"
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

// The documents of a letter stand together, whether there were two or three of
// them when it was written, and however often a letter of its kind came.
func TestFormsOfLetters(t *testing.T) {
	doc := func(kind licensing.LetterKind, id, form string) licensing.Letter {
		return licensing.Letter{Kind: kind, Document: id, Form: form}
	}
	a, b := licensing.LetterRFI, licensing.LetterDecision
	var got []string
	for _, f := range licensing.FormsOf([]licensing.Letter{
		doc(a, "1", ""), doc(a, "2", ""), doc(a, "3", ""), doc(a, "4", ""), doc(a, "5", "docx"), doc(a, "6", ""), doc(b, "7", ""), doc(b, "8", ""), doc(b, "9", "docx"),
	}) {
		s := ""
		for _, l := range []*licensing.Letter{f.Read, f.Save, f.Word} {
			if l != nil {
				s += l.Document
			}
		}
		got = append(got, s)
	}
	if want := "12 345 6 789"; strings.Join(got, " ") != want {
		t.Errorf("%v, want %s", got, want)
	}
}
