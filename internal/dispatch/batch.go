package dispatch

import (
	"fmt"
	"time"

	"github.com/comity-project/comity/internal/event"
)

// KindBatch is the kind of the streams of batches: "batch/ID".
const KindBatch = "batch"

// Events on a batch.
type (
	// Received says that envelopes came and were kept: count of them, whose
	// leaves have this root. Those refused are counted and not kept.
	Received struct {
		Sender  string `json:"sender"` // state that handed them over
		Count   int64  `json:"count"`
		Root    string `json:"root"` // of RFC 6962 over the leaves, hexadecimal
		Refused int64  `json:"refused,omitempty"`
	}
	// Disposed says what we did about a recall, and which receipt says so to
	// its issuer.
	Disposed struct {
		Recall  string `json:"recall"` // leaf of the recall
		Issuer  string `json:"issuer"`
		Object  string `json:"object"`
		Version int64  `json:"version"`
		Done    string `json:"done"`           // erase, withhold, keep-metadata
		Count   int64  `json:"count"`          // versions that we held
		Kept    []Kept `json:"kept,omitempty"` // what stays, with its reason
		Receipt string `json:"receipt"`        // leaf of our receipt
	}
	// Contradicted raises the alarm: an issuer signed two things that can't
	// both be. Both are kept as proof.
	Contradicted struct {
		Issuer  string   `json:"issuer"`
		Object  string   `json:"object"`
		Version int64    `json:"version"`
		Leaves  []string `json:"leaves"`
	}
	// Granted says that we let a state hand versions on to another one that
	// could not have them from us, for ten minutes.
	Granted struct {
		Relay    string   `json:"relay"`
		To       string   `json:"to"`
		Versions []string `json:"versions"` // leaves of what it may hand on
		Leaves   []string `json:"leaves"`   // of the grants, in the same order
	}
)

// Kept is what went into something before a recall and stays, with its reason.
type Kept struct {
	What   string `json:"what"` // decision, export, download
	Count  int64  `json:"count"`
	Reason string `json:"reason"`
}

// EventType implements event.Event.
func (Received) EventType() string { return "batch.received" }

// EventType implements event.Event.
func (Disposed) EventType() string { return "batch.disposed" }

// EventType implements event.Event.
func (Contradicted) EventType() string { return "batch.contradicted" }

// EventType implements event.Event.
func (Granted) EventType() string { return "batch.granted" }

// Batch is what came from a peer in one go: envelopes, or a request for grants.
type Batch struct {
	ID      string         `json:"id"`
	Sender  string         `json:"sender"`
	Count   int64          `json:"count"`
	Root    string         `json:"root"`
	Refused int64          `json:"refused,omitempty"`
	At      time.Time      `json:"at"`
	Recalls []Disposed     `json:"recalls,omitempty"`
	Alarms  []Contradicted `json:"alarms,omitempty"`
	Granted *Granted       `json:"granted,omitempty"`
}

// Apply implements event.State.
func (b *Batch) Apply(r event.Recorded) error {
	switch e := r.Event.(type) {
	case Received:
		*b = Batch{ID: r.Stream.ID(), Sender: e.Sender, Count: e.Count, Root: e.Root, Refused: e.Refused, At: r.Time}
	case Disposed:
		b.Recalls = append(b.Recalls, e)
	case Contradicted:
		b.Alarms = append(b.Alarms, e)
	case Granted:
		*b = Batch{ID: r.Stream.ID(), Sender: e.Relay, Granted: &e, At: r.Time}
	default:
		return fmt.Errorf("dispatch: a batch does not know %q", r.Event.EventType())
	}
	return nil
}

// Rows are the alarms of the batch. Each table has id and stream besides these:
//
//	alarm_row  id = batch id/number
//	  issuer text, object text, version int, at time
func (b *Batch) Rows() (rows []event.Row) {
	for i, a := range b.Alarms {
		rows = append(rows, event.Row{Table: "alarm_row", ID: fmt.Sprintf("%s/%d", b.ID, i), Columns: []event.Column{
			event.C("issuer", a.Issuer), event.C("object", a.Object), event.C("version", a.Version), event.C("at", b.At),
		}})
	}
	return rows
}

// Issued are the leaves of the envelopes that we made in answer, in their order.
func (b *Batch) Issued() (leaves []string) {
	if b.Granted != nil {
		leaves = append(leaves, b.Granted.Leaves...)
	}
	for _, r := range b.Recalls {
		leaves = append(leaves, r.Receipt)
	}
	return leaves
}
