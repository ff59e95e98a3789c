package licensing

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/party"
)

// KindCustoms is the kind of the streams of those who send customs messages.
const KindCustoms = "customs"

// MessageKind is what a customs message says.
type MessageKind string

// The kinds of customs messages.
const (
	UsageMessage  MessageKind = "usage"  // goods are declared for export under a licence
	CancelMessage MessageKind = "cancel" // the declaration of an earlier message was withdrawn
)

// CustomsMessage is a message from customs, one JSON object on a line.
type CustomsMessage struct {
	Sender      string        `json:"sender"`
	Number      int64         `json:"number"` // the sender's own, from 1, without gaps
	Kind        MessageKind   `json:"kind"`
	Licence     string        `json:"licence"` // reference
	Of          int64         `json:"of,omitempty"`
	Declaration string        `json:"declaration,omitempty"`
	Office      string        `json:"office,omitempty"`
	Document    string        `json:"document,omitempty"`
	At          time.Time     `json:"at,omitzero"` // when the declaration was accepted
	Lines       []MessageLine `json:"lines,omitempty"`
	Why         string        `json:"why,omitempty"`
}

// MessageLine is what leaves of one line.
type MessageLine struct {
	Line     string   `json:"line"`
	Quantity string   `json:"quantity"` // decimal: "2", "1.5"
	Unit     string   `json:"unit"`
	Serials  []string `json:"serials,omitempty"`
}

// MaxMessage bounds one message, in bytes.
const MaxMessage = 256 << 10

// ParseMessage reads one customs message, strictly.
func ParseMessage(line []byte) (CustomsMessage, error) {
	var m CustomsMessage
	bad := fault.New(fault.Invalid, "licensing.message.invalid")
	if len(line) > MaxMessage {
		return m, bad.Because(fmt.Errorf("licensing: a message of %d bytes", len(line)))
	}
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil {
		return CustomsMessage{}, bad.Because(err)
	}
	if d.More() {
		return CustomsMessage{}, bad.Because(fmt.Errorf("licensing: more than one message on a line"))
	}
	if !validSender(m.Sender) {
		bad.Field("sender", "licensing.message.sender")
	}
	if m.Number < 1 {
		bad.Field("number", "licensing.message.number")
	}
	if m.Licence == "" || !party.Bounded(m.Licence, 64) {
		bad.Field("licence", "licensing.message.licence")
	}
	if !party.Bounded(m.Why, MaxShort) {
		bad.Field("why", "licensing.text.bound", "max", MaxShort)
	}
	switch {
	case m.Kind == UsageMessage && m.Of == 0 && m.Declaration != "" && len(m.Lines) > 0:
	case m.Kind == CancelMessage && m.Of > 0 && len(m.Lines) == 0:
	default:
		bad.Field("kind", "licensing.message.kind")
	}
	return m, bad.Or()
}

func validSender(s string) bool {
	return s != "" && len(s) <= 40 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// Message is the message's identity.
func (m CustomsMessage) Message() (Message, error) {
	b, err := json.Marshal(m)
	if err != nil {
		return Message{}, fmt.Errorf("licensing: message: %w", err)
	}
	sum := sha256.Sum256(b)
	return Message{Sender: m.Sender, Number: m.Number, Hash: hex.EncodeToString(sum[:])}, nil
}

// Use is the command that a usage message comes to.
func (m CustomsMessage) Use(on OnLicence, id string, codes *DocumentCodes) (DrawDown, error) {
	name, err := m.Message()
	if err != nil {
		return DrawDown{}, err
	}
	c := DrawDown{OnLicence: on, Use: id, Message: &name, Declaration: m.Declaration, Office: m.Office, Document: m.Document, Left: m.At}
	bad := fault.New(fault.Invalid, "licensing.message.invalid")
	if m.Document != "" && !codes.Licence(m.Document) {
		bad.Field("document", "licensing.message.document", "code", m.Document)
	}
	for _, n := range m.Lines {
		q, err := ParseQuantity(n.Quantity)
		if err != nil {
			bad.Field("lines", "licensing.use.quantity")
		}
		c.Lines = append(c.Lines, UsedLine{Line: n.Line, Quantity: q, Unit: n.Unit})
		if len(n.Serials) > 0 {
			c.Serials = append(c.Serials, LineSerials{Line: n.Line, Numbers: n.Serials})
		}
	}
	return c, bad.Or()
}

// MessageAnswer is what a sender is told of a message. Sent again, a message has
// the same answer but for Repeated and Missing.
type MessageAnswer struct {
	Sender   string        `json:"sender"`
	Number   int64         `json:"number"`
	Outcome  MessageResult `json:"outcome"`
	Why      string        `json:"why,omitempty"` // message key of what stood in the way
	Licence  string        `json:"licence"`
	Lines    []AnswerLine  `json:"lines,omitempty"`
	Repeated bool          `json:"repeated,omitempty"`
	Missing  []int64       `json:"missing,omitempty"` // numbers that were never received: send them again
}

// AnswerLine is what is left of a line after the message.
type AnswerLine struct {
	Line string `json:"line"`
	Left string `json:"left"`
	Unit string `json:"unit"`
}

// MessageResult is what became of a message.
type MessageResult string

// The results.
const (
	MessageAccepted MessageResult = "accepted"
	MessageRefused  MessageResult = "refused"
)

// Answer is what the sender of a use's message, or of its cancellation, is told.
func (l *Licence) Answer(m Message) MessageAnswer {
	a := MessageAnswer{Sender: m.Sender, Number: m.Number, Licence: l.Reference, Outcome: MessageAccepted}
	for _, u := range l.Uses {
		switch {
		case u.Message != nil && u.Message.Sender == m.Sender && u.Message.Number == m.Number:
			if u.Refused != "" {
				a.Outcome, a.Why = MessageRefused, u.Refused
			}
			for _, n := range u.Lines {
				a.Lines = append(a.Lines, AnswerLine{Line: n.Line, Left: n.Left.String(), Unit: n.Unit})
			}
			return a
		case u.Cancelled != nil && u.Cancelled.Message != nil && u.Cancelled.Message.Sender == m.Sender && u.Cancelled.Message.Number == m.Number:
			return a
		}
	}
	return a
}

// CustomsReceived says that a message of a sender has been dealt with.
type CustomsReceived struct {
	Number int64 `json:"number"`
}

// CustomsUnplaced says that a message names a licence that does not exist.
type CustomsUnplaced struct {
	Number  int64  `json:"number"`
	Hash    string `json:"hash"`
	Licence string `json:"licence"`
}

// EventType is "customs.received".
func (CustomsReceived) EventType() string { return "customs.received" }

// EventType is "customs.unplaced".
func (CustomsUnplaced) EventType() string { return "customs.unplaced" }

// CustomsSender is what the events of one "customs/SENDER" add up to: which of
// its numbers have come.
type CustomsSender struct {
	Sender string  `json:"sender"`
	Next   int64   `json:"next"`            // all numbers below it have come
	Ahead  []int64 `json:"ahead,omitempty"` // those beyond it that have come, ascending
}

// maxAhead bounds how far a sender's numbers may run ahead of what is missing.
const maxAhead = 10_000

// Received are the events of a message of this sender that has been dealt with;
// none where its number has come before.
func (s *CustomsSender) Received(m Message, licence string, placed bool) ([]event.New, error) {
	next := max(s.Next, 1)
	if m.Number-next > maxAhead {
		return nil, fault.New(fault.Invalid, "licensing.message.ahead", "next", next)
	}
	if s.has(m.Number) {
		return nil, nil
	}
	stream := event.StreamOf(KindCustoms, m.Sender)
	out := []event.New{{Stream: stream, Event: CustomsReceived{Number: m.Number}}}
	if !placed {
		out = append(out, event.New{Stream: stream, Event: CustomsUnplaced{Number: m.Number, Hash: m.Hash, Licence: licence}})
	}
	return out, nil
}

func (s *CustomsSender) has(n int64) bool {
	if n < max(s.Next, 1) {
		return true
	}
	for _, x := range s.Ahead {
		if x == n {
			return true
		}
	}
	return false
}

// Missing are the numbers that have not come though later ones have, at most 100.
func (s *CustomsSender) Missing() []int64 {
	var out []int64
	n := max(s.Next, 1)
	for _, x := range s.Ahead {
		for ; n < x && len(out) < 100; n++ {
			out = append(out, n)
		}
		n = x + 1
	}
	return out
}

// Apply folds one more event in.
func (s *CustomsSender) Apply(r event.Recorded) error {
	s.Sender = r.Stream.ID()
	s.Next = max(s.Next, 1)
	switch e := r.Event.(type) {
	case CustomsUnplaced:
	case CustomsReceived:
		at := len(s.Ahead)
		for at > 0 && s.Ahead[at-1] > e.Number {
			at--
		}
		s.Ahead = append(s.Ahead[:at], append([]int64{e.Number}, s.Ahead[at:]...)...)
		for len(s.Ahead) > 0 && s.Ahead[0] == s.Next {
			s.Next, s.Ahead = s.Next+1, s.Ahead[1:]
		}
		if len(s.Ahead) == 0 {
			s.Ahead = nil
		}
	default:
		return fmt.Errorf("licensing: a sender of customs messages does not know %q", r.Event.EventType())
	}
	return nil
}

// Rows are none: which messages came lies with the licences.
func (s *CustomsSender) Rows() []event.Row { return nil }
