package licensing_test

import (
	"strings"
	"testing"

	"github.com/comity-project/comity/internal/licensing"
)

func writes(tell ...string) licensing.WriteNote {
	return licensing.WriteNote{On: on, Text: "The ministry rang because of the warrants.", Tell: tell}
}

func noteRows() []row {
	noted := func(w *world) {
		assigned(w)
		w.do(officer, writes("adviser", "officer"))
	}
	full := func(w *world) {
		assigned(w)
		for range licensing.MaxNotes {
			w.do(officer, writes())
		}
	}
	return []row{
		{name: "a note", given: assigned, actor: officer, when: writes("adviser"), event: "case.note_written"},
		{name: "after the decision", given: issued, actor: officer, when: writes(), event: "case.note_written"},
		{name: "an empty note", given: assigned, actor: officer, when: licensing.WriteNote{On: on, Text: " "}, refused: "licensing.reason.missing"},
		{name: "too many notes", given: full, actor: officer, when: writes(), refused: "licensing.note.many"},
		{name: "too many told", given: assigned, actor: officer, when: writes(strings.Split("abcdefghijklmnopqrstu", "")...), refused: "licensing.note.told"},
		{name: "read", given: noted, actor: adviser, when: licensing.ReadNotes{On: on}, event: "case.notes_read"},
		{name: "read by whom none names", given: noted, actor: second, when: licensing.ReadNotes{On: on}, refused: "licensing.note.read"},
		{name: "read by its author", given: noted, actor: officer, when: licensing.ReadNotes{On: on}, refused: "licensing.note.read"},
	}
}

// A note is a duty of whom it names until they have read it, and moves nothing
// else: neither the basis nor how old an open page may be.
func TestNotes(t *testing.T) {
	w := newWorld(t)
	assigned(w)
	moved, basis := w.c.Moved, w.c.Basis
	w.do(officer, writes("adviser", "second"))
	w.do(second, writes("adviser"))
	duties := func() (of []string) {
		for _, r := range w.c.Rows() {
			if r.Table == "duty_row" {
				of = append(of, r.ID)
			}
		}
		return of
	}
	if got := duties(); len(got) != 3 {
		t.Errorf("duties %q, want three", got)
	}
	if n := len(w.c.Unread("adviser")); n != 2 {
		t.Errorf("%d notes to the adviser are unread, want 2", n)
	}
	w.do(adviser, licensing.ReadNotes{On: on})
	if got := duties(); len(got) != 1 || !strings.HasSuffix(got[0], "/second") {
		t.Errorf("duties %q, want that of the other", got)
	}
	if w.c.Moved != moved || w.c.Basis != basis || w.c.MovedAt(writes()) != 0 {
		t.Error("a note made open pages old")
	}
}
