package licensing

import (
	"fmt"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/party"
)

// KindStop is the kind of the streams of stopped shipments.
const KindStop = "stop"

// StopStatus is where a stop stands.
type StopStatus string

// The statuses of a stop.
const (
	StopOpen     StopStatus = "open"     // held; customs wait for licensing's answer
	StopAnswered StopStatus = "answered" // held; customs have the answer
	StopReleased StopStatus = "released"
	StopDetained StopStatus = "detained"
)

// StopReply is licensing's answer to a stop.
type StopReply string

// The answers.
const (
	ReplyCovered       StopReply = "covered"        // a valid licence covers it
	ReplyNotRequired   StopReply = "not_required"   // it needs no licence
	ReplyLicenceNeeded StopReply = "licence_needed" // it may not leave without one
)

// StopText is the private part of a stop: what customs have before them.
type StopText struct {
	Goods     string `json:"goods"`
	Exporter  string `json:"exporter"`
	Consignee string `json:"consignee,omitempty"`
	Question  string `json:"question"`
}

// ShipmentHeld opens a stop.
type ShipmentHeld struct {
	Reference   string                  `json:"reference"`
	Declaration string                  `json:"declaration"`
	Office      string                  `json:"office,omitempty"`
	Tariff      string                  `json:"tariff,omitempty"`
	Licence     string                  `json:"licence,omitempty"` // reference that was presented; empty: none was
	Destination string                  `json:"destination,omitempty"`
	Person      string                  `json:"person"`
	Due         time.Time               `json:"due"` // by when licensing answers
	Text        event.Private[StopText] `json:"text"`
}

// ShipmentAnswered is licensing's answer.
type ShipmentAnswered struct {
	Reply  StopReply             `json:"reply"`
	Person string                `json:"person"`
	Late   bool                  `json:"late,omitempty"`
	Why    event.Private[string] `json:"why"`
}

// ShipmentEnded says that the goods may go, or are kept.
type ShipmentEnded struct {
	Outcome    StopStatus            `json:"outcome"` // StopReleased or StopDetained
	Person     string                `json:"person"`
	Unanswered bool                  `json:"unanswered,omitempty"` // the time to answer had passed in silence
	Why        event.Private[string] `json:"why"`
}

// GapRaised says what the stop revealed to be missing in an instrument of law.
type GapRaised struct {
	Instrument string                `json:"instrument"`      // its name or number
	Entry      string                `json:"entry,omitempty"` // of the register of instruments; "" where it is not on it
	Person     string                `json:"person"`
	What       event.Private[string] `json:"what"`
}

// EventType is "stop.held".
func (ShipmentHeld) EventType() string { return "stop.held" }

// EventType is "stop.answered".
func (ShipmentAnswered) EventType() string { return "stop.answered" }

// EventType is "stop.ended".
func (ShipmentEnded) EventType() string { return "stop.ended" }

// EventType is "stop.gap_raised".
func (GapRaised) EventType() string { return "stop.gap_raised" }

// Stop is what the events of one "stop/ID" add up to.
type Stop struct {
	ID          string         `json:"id"`
	Reference   string         `json:"reference"`
	Status      StopStatus     `json:"status"`
	Declaration string         `json:"declaration"`
	Office      string         `json:"office,omitempty"`
	Tariff      string         `json:"tariff,omitempty"`
	Licence     string         `json:"licence,omitempty"`
	Destination string         `json:"destination,omitempty"`
	Held        time.Time      `json:"held"`
	By          string         `json:"by"`
	Due         time.Time      `json:"due"`
	Text        StopText       `json:"text,omitzero"`
	Erased      *event.Erasure `json:"erased,omitempty"`
	Answers     []StopAnswer   `json:"answers,omitempty"`
	Ended       *StopEnd       `json:"ended,omitempty"`
	Gaps        []Gap          `json:"gaps,omitempty"`
}

// StopAnswer is one answer; the last one stands.
type StopAnswer struct {
	At    time.Time `json:"at"`
	By    string    `json:"by"`
	Reply StopReply `json:"reply"`
	Late  bool      `json:"late,omitempty"`
	Why   Text      `json:"why,omitzero"`
}

// StopEnd is how a stop ended.
type StopEnd struct {
	At         time.Time `json:"at"`
	By         string    `json:"by"`
	Unanswered bool      `json:"unanswered,omitempty"`
	Why        Text      `json:"why,omitzero"`
}

// Gap is what a stop revealed to be missing.
type Gap struct {
	At         time.Time `json:"at"`
	By         string    `json:"by"`
	Instrument string    `json:"instrument"`
	Entry      string    `json:"entry,omitempty"`
	What       Text      `json:"what,omitzero"`
}

// Answer is the one that stands; nil where there is none.
func (s *Stop) Answer() *StopAnswer {
	if n := len(s.Answers); n > 0 {
		return &s.Answers[n-1]
	}
	return nil
}

// StopCommand is something to be done about a stopped shipment.
type StopCommand interface {
	Name() string
	Stream() event.Stream
}

// OnStop names the stop that a command is for.
type OnStop struct {
	Stop string `json:"stop"`
}

// Stream is the stop's stream.
func (o OnStop) Stream() event.Stream { return event.StreamOf(KindStop, o.Stop) }

// Hold stops a shipment and asks licensing about it.
type Hold struct {
	OnStop
	Declaration, Office, Tariff, Licence, Destination string
	Text                                              StopText
}

// AnswerStop is licensing's answer.
type AnswerStop struct {
	OnStop
	Reply StopReply
	Why   string
}

// EndStop releases the goods, or detains them.
type EndStop struct {
	OnStop
	Outcome StopStatus
	Why     string
}

// RaiseGap says what the stop revealed to be missing in an instrument: one of the
// register by its id, in whose name the caller puts Instrument, or another by name.
type RaiseGap struct {
	OnStop
	Instrument string
	Entry      string
	What       string
}

// Name is "stop.hold".
func (Hold) Name() string { return "stop.hold" }

// Name is "stop.answer".
func (AnswerStop) Name() string { return "stop.answer" }

// Name is "stop.end".
func (EndStop) Name() string { return "stop.end" }

// Name is "stop.raise_gap".
func (RaiseGap) Name() string { return "stop.raise_gap" }

// StopTransition is one row of the table of a stop's life.
type StopTransition struct {
	From    []StopStatus // empty status: there is no stop yet
	Command string
	Guards  []string
	Act     access.Act
}

// StopTable is everything that can happen to a stop.
var StopTable = []StopTransition{
	{From: []StopStatus{""}, Command: "stop.hold", Guards: []string{"licensing.stop.invalid"}, Act: access.CustomsStop},
	{From: []StopStatus{StopOpen, StopAnswered}, Command: "stop.answer", Guards: []string{"licensing.stop.reply", "licensing.reason.missing"}, Act: access.CustomsAnswer},
	{From: []StopStatus{StopOpen, StopAnswered}, Command: "stop.end", Guards: []string{"licensing.stop.outcome", "licensing.stop.waiting", "licensing.stop.licence_needed", "licensing.reason.missing"}, Act: access.CustomsStop},
	{From: []StopStatus{StopOpen, StopAnswered, StopReleased, StopDetained}, Command: "stop.raise_gap", Guards: []string{"licensing.stop.instrument", "licensing.reason.missing"}, Act: access.CustomsAnswer},
}

// DecideStop answers a command about a stop with an event or a fault.
func DecideStop(s *Stop, cmd StopCommand, f Facts) ([]event.New, error) {
	allowed := false
	for _, t := range StopTable {
		for _, from := range t.From {
			allowed = allowed || t.Command == cmd.Name() && from == s.Status
		}
	}
	if !allowed {
		return nil, fault.New(fault.Blocked, "licensing.stop.status."+string(s.Status))
	}
	e, err := s.decide(cmd, f)
	if err != nil {
		return nil, err
	}
	return []event.New{{Stream: cmd.Stream(), Event: e}}, nil
}

func (s *Stop) decide(cmd StopCommand, f Facts) (event.Event, error) {
	person, stream := f.Actor.person(), cmd.Stream()
	switch cmd := cmd.(type) {
	case Hold:
		if err := cmd.check(); err != nil {
			return nil, err
		}
		due, err := f.Calendar.After(f.Now, f.StopPeriod)
		if err != nil {
			return nil, fault.New(fault.Blocked, "licensing.calendar.beyond", "calendar", f.Calendar.Name).Because(err)
		}
		return ShipmentHeld{
			Reference: f.Reference, Declaration: cmd.Declaration, Office: cmd.Office, Tariff: cmd.Tariff, Licence: cmd.Licence, Destination: cmd.Destination,
			Person: person, Due: due, Text: event.P(stream, cmd.Text),
		}, nil
	case AnswerStop:
		if cmd.Reply != ReplyCovered && cmd.Reply != ReplyNotRequired && cmd.Reply != ReplyLicenceNeeded {
			return nil, fault.New(fault.Invalid, "licensing.stop.reply").Field("reply", "licensing.stop.reply")
		}
		return ShipmentAnswered{Reply: cmd.Reply, Person: person, Late: f.Now.After(s.Due), Why: event.P(stream, cmd.Why)}, text("why", cmd.Why, true)
	case EndStop:
		a := s.Answer()
		switch {
		case cmd.Outcome != StopReleased && cmd.Outcome != StopDetained:
			return nil, fault.New(fault.Invalid, "licensing.stop.outcome").Field("outcome", "licensing.stop.outcome")
		case a == nil && !f.Now.After(s.Due):
			return nil, fault.New(fault.Blocked, "licensing.stop.waiting", "due", s.Due)
		case a != nil && a.Reply == ReplyLicenceNeeded && cmd.Outcome == StopReleased:
			return nil, fault.New(fault.Blocked, "licensing.stop.licence_needed")
		}
		return ShipmentEnded{Outcome: cmd.Outcome, Person: person, Unanswered: a == nil, Why: event.P(stream, cmd.Why)}, text("why", cmd.Why, true)
	case RaiseGap:
		if cmd.Instrument == "" || !party.Bounded(cmd.Instrument, MaxShort) {
			return nil, fault.New(fault.Invalid, "licensing.stop.instrument").Field("instrument", "licensing.stop.instrument")
		}
		return GapRaised{Instrument: cmd.Instrument, Entry: cmd.Entry, Person: person, What: event.P(stream, cmd.What)}, text("what", cmd.What, true)
	}
	return nil, fmt.Errorf("licensing: no stop takes a %T", cmd)
}

func (c Hold) check() error {
	bad := fault.New(fault.Invalid, "licensing.stop.invalid")
	for _, x := range []struct {
		name, text string
		bound      int
		needed     bool
	}{
		{"declaration", c.Declaration, 64, true},
		{"office", c.Office, 64, false},
		{"tariff", c.Tariff, 20, false},
		{"licence", c.Licence, 64, false},
		{"goods", c.Text.Goods, MaxLong, true},
		{"exporter", c.Text.Exporter, MaxShort, true},
		{"consignee", c.Text.Consignee, MaxShort, false},
		{"question", c.Text.Question, MaxLong, true},
	} {
		if x.text == "" && x.needed {
			bad.Field(x.name, "licensing.stop."+x.name)
		} else if !party.Bounded(x.text, x.bound) {
			bad.Field(x.name, "licensing.text.bound", "max", x.bound)
		}
	}
	if c.Destination != "" && !party.ValidCountry(c.Destination) {
		bad.Field("destination", "party.country.unknown", "code", c.Destination)
	}
	return bad.Or()
}

// Apply folds one more event in.
func (s *Stop) Apply(r event.Recorded) error {
	switch e := r.Event.(type) {
	case ShipmentHeld:
		*s = Stop{
			ID: r.Stream.ID(), Reference: e.Reference, Status: StopOpen, Declaration: e.Declaration, Office: e.Office, Tariff: e.Tariff, Licence: e.Licence,
			Destination: e.Destination, Held: r.Time, By: r.Actor, Due: e.Due, Text: e.Text.Value, Erased: e.Text.Erased,
		}
	case ShipmentAnswered:
		s.Status = StopAnswered
		s.Answers = append(s.Answers, StopAnswer{At: r.Time, By: r.Actor, Reply: e.Reply, Late: e.Late, Why: event.TextOf(e.Why)})
	case ShipmentEnded:
		s.Status = e.Outcome
		s.Ended = &StopEnd{At: r.Time, By: r.Actor, Unanswered: e.Unanswered, Why: event.TextOf(e.Why)}
	case GapRaised:
		s.Gaps = append(s.Gaps, Gap{At: r.Time, By: r.Actor, Instrument: e.Instrument, Entry: e.Entry, What: event.TextOf(e.What)})
	default:
		return fmt.Errorf("licensing: a stop does not know %q", r.Event.EventType())
	}
	return nil
}

// Rows are the stop's list columns.
func (s *Stop) Rows() []event.Row {
	if s.ID == "" {
		return nil
	}
	open := s.Status == StopOpen || s.Status == StopAnswered
	rows := []event.Row{{Table: "stop_row", ID: s.ID, Columns: []event.Column{
		event.C("reference", s.Reference), event.C("status", string(s.Status)), event.C("open", open), event.C("declaration", s.Declaration),
		event.C("goods", s.Text.Goods), event.C("due", s.Due), event.C("gaps", int64(len(s.Gaps))),
	}}}
	for i, g := range s.Gaps {
		if g.Entry != "" {
			rows = append(rows, event.Row{Table: "stop_gap", ID: fmt.Sprintf("%s/%d", s.ID, i+1), Columns: []event.Column{
				event.C("stop", s.ID), event.C("reference", s.Reference), event.C("instrument", g.Entry), event.C("at", g.At),
			}})
		}
	}
	return append(rows, s.outcomeRows()...)
}
