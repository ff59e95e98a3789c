package licensing

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
)

// Bounds of the notes of a case: its state holds them all.
const (
	MaxNotes = 300
	maxTold  = 20
)

// Note is what somebody of the authority wrote beside a case for others who work
// on it. No decision rests on a note, and the applicant never sees one.
type Note struct {
	Number int       `json:"number"` // of this case, from 1
	At     time.Time `json:"at"`
	By     string    `json:"by"`
	Text   Text      `json:"text,omitzero"`
	Told   []Reader  `json:"told,omitempty"`
}

// Reader is somebody whom a note names.
type Reader struct {
	Account string    `json:"account"`
	Read    time.Time `json:"read,omitzero"` // zero: not yet
}

// WriteNote writes one. The node sees to it that whoever is told may read the case.
type WriteNote struct {
	On
	Text string
	Tell []string // account ids
}

// ReadNotes says that the actor has read every note that names them.
type ReadNotes struct {
	On
}

// Name is "case.write_note".
func (WriteNote) Name() string { return "case.write_note" }

// Name is "case.read_notes".
func (ReadNotes) Name() string { return "case.read_notes" }

// NoteWritten is a new note.
type NoteWritten struct {
	Number int                   `json:"number"`
	Tell   []string              `json:"tell,omitempty"`
	Text   event.Private[string] `json:"text"`
}

// NotesRead says that whoever is named in notes up to a number has read them.
type NotesRead struct {
	To int `json:"to"`
}

// EventType is "case.note_written".
func (NoteWritten) EventType() string { return "case.note_written" }

// EventType is "case.notes_read".
func (NotesRead) EventType() string { return "case.notes_read" }

func (d *decider) writeNote(cmd WriteNote) error {
	tell := slices.Clone(cmd.Tell)
	slices.Sort(tell)
	tell = slices.DeleteFunc(slices.Compact(tell), func(id string) bool { return id == d.f.Actor.Account })
	switch {
	case len(d.c.Notes) >= MaxNotes:
		return fault.New(fault.Invalid, "licensing.note.many", "max", MaxNotes).Field("text", "licensing.note.many", "max", MaxNotes)
	case len(tell) > maxTold:
		return fault.New(fault.Invalid, "licensing.note.told", "max", maxTold).Field("tell", "licensing.note.told", "max", maxTold)
	}
	if err := text("text", cmd.Text, true); err != nil {
		return err
	}
	return d.emit(NoteWritten{Number: len(d.c.Notes) + 1, Tell: tell, Text: d.private(cmd.Text)})
}

func (d *decider) readNotes() error {
	if len(d.c.Unread(d.f.Actor.Account)) == 0 {
		return fault.New(fault.Conflict, "licensing.note.read")
	}
	return d.emit(NotesRead{To: len(d.c.Notes)})
}

// Unread are the notes that name somebody who has not said that they read them.
func (c *Case) Unread(account string) (out []Note) {
	for _, n := range c.Notes {
		if slices.ContainsFunc(n.Told, func(t Reader) bool { return t.Account == account && t.Read.IsZero() }) {
			out = append(out, n)
		}
	}
	return out
}

func (c *Case) applyNote(r event.Recorded) error {
	switch e := r.Event.(type) {
	case NoteWritten:
		n := Note{Number: e.Number, At: r.Time, By: r.Actor, Text: event.TextOf(e.Text)}
		for _, id := range e.Tell {
			n.Told = append(n.Told, Reader{Account: id})
		}
		c.Notes = append(c.Notes, n)
	case NotesRead:
		for i := range c.Notes[:min(e.To, len(c.Notes))] {
			for j, t := range c.Notes[i].Told {
				if t.Account == r.Actor && t.Read.IsZero() {
					c.Notes[i].Told[j].Read = r.Time
				}
			}
		}
	default:
		return fmt.Errorf("licensing: %q is not about notes", r.Event.EventType())
	}
	return nil
}

// noteRows make a note a duty of whom it names, until they have read it.
func (c *Case) noteRows() (rows []event.Row) {
	for _, n := range c.Notes {
		for _, t := range n.Told {
			if t.Read.IsZero() {
				number := strconv.Itoa(n.Number)
				rows = append(rows, event.Row{Table: "duty_row", ID: "note/" + c.ID + "/" + number + "/" + t.Account, Columns: []event.Column{
					event.C("account", t.Account), event.C("role", ""), event.C("kind", "note"), event.C("title", c.Reference),
					event.C("href", "/cases/"+c.ID+"/notes#note-"+number), event.C("compartment", c.Compartment), event.C("due", n.At.UTC().Format(time.DateOnly)),
				}})
			}
		}
	}
	return rows
}
