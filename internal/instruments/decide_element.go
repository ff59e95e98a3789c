package instruments

import (
	"slices"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/party"
)

// OnElement names the element that a command is for.
type OnElement struct{ Element string }

// Stream is the element's stream.
func (o OnElement) Stream() event.Stream { return event.StreamOf(KindElement, o.Element) }

// ElementCommand is one of the commands on elements.
type ElementCommand interface{ Stream() event.Stream }

// Commands on an element.
type (
	// Judge answers the element for an instrument, or for all of them together.
	Judge struct {
		OnElement
		Instrument string
		Answer     Answer
		Provision  string
		Items      []string
		Case       string // id of a case that used it
		Reason     string
	}
	// Plan plans an action on a gap.
	Plan struct {
		OnElement
		ID         string // made by the caller
		Instrument string
		What       string
		Owner      string
		Due        deadline.Date
	}
	// CloseAction closes an action with what was done.
	CloseAction struct {
		OnElement
		ID   string
		Done string
	}
	// LeaveGap says why nothing will be done about a gap.
	LeaveGap struct {
		OnElement
		Instrument string
		Reason     string
	}
	// Publish makes the answers public, or takes them back.
	Publish struct {
		OnElement
		Public bool
	}
)

// ElementFacts are what the caller gathered for a command on an element.
type ElementFacts struct {
	Now        time.Time
	Question   Question    // of the catalogue in use
	Wording    string      // the catalogue's version
	Instrument *Instrument // that the command names; nil where there is none
	Owner      bool        // whom the command names is somebody who can have it
	Items      []string    // of those that the command names, what may not be rested on
	Case       bool        // the case that the command names is decided and may be named to every reader
}

// maxItems bounds what one answer can rest on.
const maxItems = 50

// DecideElement turns a command into events, or says why it can't be done.
func DecideElement(s *Element, cmd ElementCommand, f ElementFacts) ([]event.New, error) {
	if f.Question.ID == "" {
		return nil, fault.New(fault.NotFound, "fault.not_found")
	}
	own, bad := cmd.Stream(), invalid()
	today := deadline.DateOf(f.Now, time.UTC)
	var e event.Event
	switch c := cmd.(type) {
	case Judge:
		f.judge(bad, c, today)
		e = Answered{c.Instrument, c.Answer, strings.TrimSpace(c.Provision), sorted(c.Items), c.Case, f.Wording, event.P(own, words(bad, "reason", c.Reason, maxText))}
	case Plan:
		if !s.short(c.Instrument, f.Now) {
			return nil, fault.New(fault.Blocked, "instruments.no_gap")
		}
		if c.ID == "" || slices.ContainsFunc(s.Actions, func(a Action) bool { return a.ID == c.ID }) {
			return nil, fault.New(fault.Conflict, "instruments.sent")
		}
		if !f.Owner {
			bad.Field("owner", "instruments.owner.unknown")
		}
		if !c.Due.Valid() || c.Due <= today {
			bad.Field("due", "instruments.due.missing")
		}
		e = ActionPlanned{c.ID, c.Instrument, c.Owner, c.Due, event.P(own, words(bad, "what", c.What, maxText))}
	case CloseAction:
		n := slices.IndexFunc(s.Actions, func(a Action) bool { return a.ID == c.ID })
		if n < 0 || !s.Actions[n].Open() {
			return nil, fault.New(fault.Conflict, "instruments.closed")
		}
		e = ActionClosed{c.ID, event.P(own, words(bad, "done", c.Done, maxText))}
	case LeaveGap:
		if !s.short(c.Instrument, f.Now) {
			return nil, fault.New(fault.Blocked, "instruments.no_gap")
		}
		e = NoActionStated{c.Instrument, event.P(own, words(bad, "reason", c.Reason, maxText))}
	case Publish:
		if c.Public == s.Public(f.Now) {
			return nil, nil
		}
		if err := s.publishable(f.Now); c.Public && err != nil {
			return nil, err
		}
		e = Published{c.Public}
	default:
		return nil, fault.New(fault.Internal, "fault.internal")
	}
	if err := bad.Or(); err != nil {
		return nil, err
	}
	return []event.New{{Stream: own, Event: e}}, nil
}

func (e *Element) short(instrument string, at time.Time) bool {
	return e.At(instrument, at).Answer.Short()
}

// publishable says what keeps the answers from being shown to everybody: a gap
// about which nobody has said what happens.
func (e *Element) publishable(at time.Time) error {
	stop := fault.New(fault.Blocked, "instruments.publish.blocked")
	for _, g := range e.Gaps(at) {
		if g.Bare() {
			stop.Item("#gaps", "instruments.publish.gap")
		}
	}
	if len(e.Judged) == 0 {
		stop.Item("#answers", "instruments.publish.nothing")
	}
	if len(stop.Items) > 0 {
		return stop
	}
	return nil
}

// judge checks an answer. What is more than a gap names its place in the text,
// and for an element that asks about use a case in which it was used; an
// instrument whose catch-all does not name the end use can't reach it.
func (f ElementFacts) judge(bad *fault.Error, c Judge, today deadline.Date) {
	if !slices.Contains(Answers, c.Answer) {
		bad.Field("answer", "instruments.answer.missing")
	}
	if c.Instrument != Together {
		var v *Version
		if f.Instrument != nil {
			v = f.Instrument.On(today)
		}
		switch {
		case v == nil:
			bad.Field("instrument", "instruments.instrument.unknown")
		case !slices.Contains(v.Covers, f.Question.ID):
			bad.Field("instrument", "instruments.instrument.not_covering")
		case f.Question.CatchAll != "" && (c.Answer == Met || c.Answer == Partly) && !slices.Contains(v.CatchAll, f.Question.CatchAll):
			bad.Field("answer", "instruments.answer.catch_all")
		}
	}
	if c.Answer == Met || c.Answer == Partly {
		if strings.TrimSpace(c.Provision) == "" {
			bad.Field("provision", "instruments.provision.missing")
		}
		if f.Question.Used && c.Case == "" {
			bad.Field("case", "instruments.case.missing")
		}
	}
	if !party.Bounded(c.Provision, maxLine) {
		bad.Field("provision", "instruments.long", "max", maxLine)
	}
	if c.Case != "" && !f.Case {
		bad.Field("case", "instruments.case.unknown")
	}
	if len(c.Items) > maxItems {
		bad.Field("items", "instruments.items.many", "max", maxItems)
	}
	if len(f.Items) > 0 {
		bad.Field("items", "instruments.items.unknown")
	}
}
