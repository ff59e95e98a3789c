// Package event is the shared vocabulary of what has happened: the shape that
// every domain gives its events, and the two parts that each event has.
//
// An event is a plain Go struct with an EventType. Its exported fields are the
// kept part (codes, dates, outcomes, hashes) and stay for ever. Names,
// addresses and free text go into fields of type Private: they are sealed under
// a key of their owner and can be erased without breaking the chain.
//
//	type Registered struct {
//		Kind    party.Kind           `json:"kind"`
//		Country string               `json:"country"`
//		Person  event.Private[Names] `json:"person"`
//	}
//
// Events are kept for ever: they gain optional fields, they never change meaning.
package event

import "time"

// Event is one thing that happened, in the words of its domain.
type Event interface {
	// EventType names the shape, "case.submitted": domain noun, dot, past
	// participle. It never changes once released.
	EventType() string
}

// New is an event that a Decide function returns, with the stream it belongs to.
type New struct {
	Stream Stream
	Event  Event
}

// Stream names the thing whose history an event belongs to, as "kind/id",
// for instance "case/0198c7c2-5a3e-7c7e-8f0a-3a1b2c3d4e5f".
type Stream string

// StreamOf joins a kind and an id.
func StreamOf(kind, id string) Stream { return Stream(kind + "/" + id) }

// Kind is the part before the slash.
func (s Stream) Kind() string {
	for i := range len(s) {
		if s[i] == '/' {
			return string(s[:i])
		}
	}
	return string(s)
}

// ID is the part after the slash.
func (s Stream) ID() string {
	for i := range len(s) {
		if s[i] == '/' {
			return string(s[i+1:])
		}
	}
	return ""
}

// Recorded is an event as the ledger gives it back. Fold takes nothing else.
type Recorded struct {
	Seq     int64     // place in the ledger, from 1
	Stream  Stream    //
	Version int64     // place in its stream, from 1
	Time    time.Time // UTC, microseconds; never before the event ahead of it
	Actor   string    // account id, or "system"
	Event   Event
}

// State is what the events of one stream add up to. Implementations are
// pointers to plain structs that survive encoding/json unchanged.
type State interface {
	// Apply folds one more event in. It must be pure: no clock, no look-ups.
	// An event type that the state does not know is an error.
	Apply(Recorded) error
	// Rows are the state's list columns and side tables: a pure function of the
	// state. Each is written to the table it names in the transaction of the
	// events; verify recomputes and compares them.
	Rows() []Row
}

// Row is one row of a table that can be recomputed from a stream. Every such
// table has the columns id (text, primary key) and stream (text), and those in
// Columns. A row's ID must be unique in its table.
type Row struct {
	Table   string
	ID      string
	Columns []Column
}

// Column is a named value: string, int64, bool (stored as 0 or 1), []byte,
// time.Time (stored as UTC microseconds; the zero time as NULL) or nil.
type Column struct {
	Name  string
	Value any
}

// C makes a Column.
func C(name string, value any) Column { return Column{name, value} }
