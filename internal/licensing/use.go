package licensing

import (
	"time"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
)

// Statuses that end the use of a licence, besides those of licence.go.
const (
	Exhausted   LicenceStatus = "exhausted"   // nothing is left on any line
	Surrendered LicenceStatus = "surrendered" // given back by its holder
)

// Limits of what one licence takes in.
const (
	MaxUses    = 10_000 // uses of one licence, refused ones included
	MaxSerials = 5_000  // serial numbers in one use
)

// Message is a customs message: who sent it, under which of its own numbers,
// and the hash of its content. Sender and number are its identity for ever: the
// same one again is answered as it was, whatever has happened since.
type Message struct {
	Sender string `json:"sender"`
	Number int64  `json:"number"`
	Hash   string `json:"hash"`
}

// UsedLine is what one use takes from one line.
type UsedLine struct {
	Line     string   `json:"line"`
	Quantity Quantity `json:"quantity"`
	Unit     string   `json:"unit"`
	Left     Quantity `json:"left"` // after this use; where it was refused, what was left then
}

// LineSerials are the serial numbers that left with one line.
type LineSerials struct {
	Line    string   `json:"line"`
	Numbers []string `json:"numbers"`
}

// UseText is the private part of a use.
type UseText struct {
	Serials []LineSerials `json:"serials,omitempty"`
	Note    string        `json:"note,omitempty"`
}

// LicenceUsed counts a use against the licence. It comes of a customs message or
// of the holder's own return.
type LicenceUsed struct {
	Use         string                 `json:"use"` // id
	Message     *Message               `json:"message,omitempty"`
	Declaration string                 `json:"declaration,omitempty"` // the customs declaration, by its number
	Office      string                 `json:"office,omitempty"`      // customs office, by its code
	Document    string                 `json:"document,omitempty"`    // code of the document cited, from the pack
	Left        time.Time              `json:"left"`                  // when it left, or was to leave
	Lines       []UsedLine             `json:"lines"`
	Text        event.Private[UseText] `json:"text"`
}

// LicenceUseRefused says that a use was asked for and could not be counted. It
// is kept, so that the message that asked for it is answered the same each time.
type LicenceUseRefused struct {
	Use         string     `json:"use"`
	Message     Message    `json:"message"`
	Declaration string     `json:"declaration,omitempty"`
	Office      string     `json:"office,omitempty"`
	Document    string     `json:"document,omitempty"`
	Left        time.Time  `json:"left"`
	Lines       []UsedLine `json:"lines"`
	Why         string     `json:"why"` // message key
}

// LicenceUseCancelled takes a use back: the declaration was withdrawn, or the
// goods came back. What it had taken is left again.
type LicenceUseCancelled struct {
	Use     string                `json:"use"`
	Message *Message              `json:"message,omitempty"`
	Why     event.Private[string] `json:"why"`
}

// LicenceExhausted says that nothing is left on any line.
type LicenceExhausted struct{}

// LicenceReplenished says that something is left again on an exhausted licence.
type LicenceReplenished struct{}

// LicenceSurrendered says that its holder gave it back.
type LicenceSurrendered struct {
	Person string                `json:"person"`
	Why    event.Private[string] `json:"why"`
}

// DeliveryReported is the holder's word that a use arrived.
type DeliveryReported struct {
	Use      string                `json:"use"`
	Day      deadline.Date         `json:"day"`
	Evidence event.Private[string] `json:"evidence"`
}

// DeliveryResult is what the authority found of a delivery.
type DeliveryResult string

// The results of verifying a delivery.
const (
	Arrived    DeliveryResult = "arrived"
	NotArrived DeliveryResult = "not_arrived"
	NotClear   DeliveryResult = "not_clear"
)

// DeliveryVerified is what the authority found.
type DeliveryVerified struct {
	Use      string                `json:"use"`
	Day      deadline.Date         `json:"day"` // of the check
	Result   DeliveryResult        `json:"result"`
	Evidence event.Private[string] `json:"evidence"`
}

// Lever is something by which an item can still be reached after it has left.
type Lever string

// The levers, in the order in which they are asked for.
const (
	LeverUpdates  Lever = "updates"
	LeverKeys     Lever = "keys"
	LeverSupport  Lever = "support"
	LeverSpares   Lever = "spares"
	LeverTraining Lever = "training"
)

// Levers are all of them.
var Levers = []Lever{LeverUpdates, LeverKeys, LeverSupport, LeverSpares, LeverTraining}

// ReachState is what a revocation can still do by a lever.
type ReachState string

// The states of a lever.
const (
	CanStop    ReachState = "can_stop"
	CannotStop ReachState = "cannot_stop"
	NotPart    ReachState = "not_part" // nothing of the kind was supplied
)

// Reach says of one lever whether it can still be stopped, and how or why not.
type Reach struct {
	Lever Lever                 `json:"lever"`
	State ReachState            `json:"state"`
	How   event.Private[string] `json:"how"`
}

// Reached is a Reach as the licence's state holds it.
type Reached struct {
	Lever Lever      `json:"lever"`
	State ReachState `json:"state"`
	How   Text       `json:"how,omitzero"`
}

// Use is one use, accepted or refused.
type Use struct {
	ID          string         `json:"id"`
	At          time.Time      `json:"at"` // when it was recorded
	By          string         `json:"by"`
	Left        time.Time      `json:"left"`
	Message     *Message       `json:"message,omitempty"` // nil: a return of the holder
	Declaration string         `json:"declaration,omitempty"`
	Office      string         `json:"office,omitempty"`
	Document    string         `json:"document,omitempty"`
	Lines       []UsedLine     `json:"lines"`
	Text        UseText        `json:"text,omitzero"`
	Erased      *event.Erasure `json:"erased,omitempty"`
	Refused     string         `json:"refused,omitempty"` // message key; empty: it counts
	Cancelled   *UseCancelled  `json:"cancelled,omitempty"`
	Delivered   *Delivery      `json:"delivered,omitempty"`
	Checks      []Delivery     `json:"checks,omitempty"`
}

// UseCancelled says when a use was taken back.
type UseCancelled struct {
	At      time.Time `json:"at"`
	By      string    `json:"by"`
	Message *Message  `json:"message,omitempty"`
	Why     Text      `json:"why,omitzero"`
}

// Delivery is one word on the arrival of a use.
type Delivery struct {
	At       time.Time      `json:"at"`
	By       string         `json:"by"`
	Day      deadline.Date  `json:"day"`
	Result   DeliveryResult `json:"result,omitempty"` // of the authority's checks
	Evidence Text           `json:"evidence,omitzero"`
}

// Counts tells whether the use is taken off what the licence allows.
func (u Use) Counts() bool { return u.Refused == "" && u.Cancelled == nil }

// Verified is what the authority last found of the delivery; empty: nothing yet.
func (u Use) Verified() DeliveryResult {
	if n := len(u.Checks); n > 0 {
		return u.Checks[n-1].Result
	}
	return ""
}

// Use finds a use by its id; nil where there is none.
func (l *Licence) Use(id string) *Use {
	for i := range l.Uses {
		if l.Uses[i].ID == id {
			return &l.Uses[i]
		}
	}
	return nil
}

// Line finds a line by its id; nil where there is none.
func (l *Licence) Line(id string) *LicenceLine {
	for i := range l.Lines {
		if l.Lines[i].Line == id {
			return &l.Lines[i]
		}
	}
	return nil
}

// Used is what has been taken of a line.
func (l *Licence) Used(line string) Quantity { return l.Drawn[line] }

// Left is what is left of a line: nothing where more has left than a later
// version allows.
func (l *Licence) Left(line string) Quantity {
	if n := l.Line(line); n != nil {
		return max(0, n.Quantity-l.Drawn[line])
	}
	return 0
}

// usedUp tells whether nothing is left on any line.
func (l *Licence) usedUp() bool {
	for _, n := range l.Lines {
		if l.Left(n.Line) > 0 {
			return false
		}
	}
	return true
}

// LineStatusAt is what one line is worth at an instant.
func (l *Licence) LineStatusAt(line string, at time.Time, zone *time.Location) LicenceStatus {
	status := l.StatusAt(at, zone)
	if status != Restricted {
		return status
	}
	for i := len(l.History) - 1; i >= 0; i-- {
		if h := l.History[i]; !h.At.After(at) {
			if h.Status == Restricted && contains(h.Lines, line) {
				return Suspended
			}
			break
		}
	}
	return Valid
}

// applyUse folds the events of use; ok is false for other events.
func (l *Licence) applyUse(r event.Recorded) (ok bool) {
	switch e := r.Event.(type) {
	case LicenceUsed:
		l.Uses = append(l.Uses, Use{
			ID: e.Use, At: r.Time, By: r.Actor, Left: e.Left, Message: e.Message, Declaration: e.Declaration, Office: e.Office, Document: e.Document,
			Lines: e.Lines, Text: e.Text.Value, Erased: e.Text.Erased,
		})
		l.draw(e.Lines, 1)
	case LicenceUseRefused:
		l.Uses = append(l.Uses, Use{
			ID: e.Use, At: r.Time, By: r.Actor, Left: e.Left, Message: &e.Message, Declaration: e.Declaration, Office: e.Office, Document: e.Document,
			Lines: e.Lines, Refused: e.Why,
		})
	case LicenceUseCancelled:
		u := l.Use(e.Use)
		u.Cancelled = &UseCancelled{At: r.Time, By: r.Actor, Message: e.Message, Why: event.TextOf(e.Why)}
		l.draw(u.Lines, -1)
	case DeliveryReported:
		l.Use(e.Use).Delivered = &Delivery{At: r.Time, By: r.Actor, Day: e.Day, Evidence: event.TextOf(e.Evidence)}
	case DeliveryVerified:
		u := l.Use(e.Use)
		u.Checks = append(u.Checks, Delivery{At: r.Time, By: r.Actor, Day: e.Day, Result: e.Result, Evidence: event.TextOf(e.Evidence)})
	default:
		return false
	}
	return true
}

func (l *Licence) draw(lines []UsedLine, sign Quantity) {
	if l.Drawn == nil {
		l.Drawn = map[string]Quantity{}
	}
	for _, n := range lines {
		if l.Drawn[n.Line] += sign * n.Quantity; l.Drawn[n.Line] == 0 {
			delete(l.Drawn, n.Line)
		}
	}
}

// beforeExhausted is the status that an exhausted licence has again once
// something is left.
func (l *Licence) beforeExhausted() LicenceChange {
	for i := len(l.History) - 1; i >= 0; i-- {
		if h := l.History[i]; h.Status != Exhausted {
			return h
		}
	}
	return LicenceChange{Status: Valid}
}

// reached is what a revocation says as the state holds it.
func reached(in []Reach) []Reached {
	var out []Reached
	for _, r := range in {
		out = append(out, Reached{Lever: r.Lever, State: r.State, How: event.TextOf(r.How)})
	}
	return out
}

// useRows are the side tables of a licence's use.
func (l *Licence) useRows() []event.Row {
	var rows []event.Row
	for i, u := range l.Uses {
		outcome := "accepted"
		switch {
		case u.Refused != "":
			outcome = "refused"
		case u.Cancelled != nil:
			outcome = "cancelled"
		}
		rows = append(rows, event.Row{Table: "licence_use", ID: l.ID + "/" + u.ID, Columns: []event.Column{
			event.C("licence_id", l.ID), event.C("use", u.ID), event.C("position", int64(i)), event.C("declaration", u.Declaration), event.C("office", u.Office),
			event.C("outcome", outcome), event.C("left_at", u.Left), event.C("verified", string(u.Verified())),
		}})
		if u.Message != nil {
			rows = append(rows, messageRow(l.ID, u.ID, *u.Message))
		}
		if u.Cancelled != nil && u.Cancelled.Message != nil {
			rows = append(rows, messageRow(l.ID, u.ID, *u.Cancelled.Message))
		}
	}
	for i, h := range l.History {
		rows = append(rows, event.Row{Table: "licence_notice", ID: fmtSeq(h.Seq), Columns: []event.Column{
			event.C("licence_id", l.ID), event.C("number", h.Seq), event.C("position", int64(i)),
		}})
	}
	return rows
}
