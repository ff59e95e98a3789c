package licensing

import (
	"slices"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/party"
)

// Office is who may direct a decision.
type Office string

// Offices are all of them, in the order in which they are offered.
var Offices = []Office{"minister", "cabinet", "head_of_government", "other"}

// Direct records that a minister or the cabinet directed how a case is to be
// decided. It takes nobody's place: the officer's recommendation and every advice
// stay what they are, no test of the assessment is skipped, and whoever carries
// it out is not the one who recorded it.
type Direct struct {
	On
	Direction string // id
	Office    Office
	Who       string // the person, as the paper names them
	Day       deadline.Date
	Outcomes  []LineOutcome
	Text      string // of the direction, word for word
}

// LodgeDissent records that a person holds against what was decided, directed or
// recommended. Only the auditor closes it.
type LodgeDissent struct {
	On
	Dissent string // id
	Text    string
}

// CloseDissent is the auditor's word on a dissent.
type CloseDissent struct {
	On
	Dissent string
	Why     string
}

// Name is "case.direct".
func (Direct) Name() string { return "case.direct" }

// Name is "case.lodge_dissent".
func (LodgeDissent) Name() string { return "case.lodge_dissent" }

// Name is "case.close_dissent".
func (CloseDissent) Name() string { return "case.close_dissent" }

// DirectionText is the private part of a direction.
type DirectionText struct {
	Who  string `json:"who"`
	Text string `json:"text"`
}

// Directed is the direction.
type Directed struct {
	Direction string                       `json:"direction"`
	Office    Office                       `json:"office"`
	Day       deadline.Date                `json:"day"`
	Person    string                       `json:"person"` // who recorded it
	Outcomes  []LineOutcome                `json:"outcomes"`
	Against   []string                     `json:"against,omitempty"` // ids of advice, "recommendation" and "view"
	Text      event.Private[DirectionText] `json:"text"`
}

// DissentLodged is a dissent.
type DissentLodged struct {
	Dissent string                `json:"dissent"`
	Person  string                `json:"person"`
	Roles   []access.Role         `json:"roles"`
	Stage   Stage                 `json:"stage"` // at which it was lodged
	Text    event.Private[string] `json:"text"`
}

// DissentClosed is the auditor's word on it.
type DissentClosed struct {
	Dissent string                `json:"dissent"`
	Person  string                `json:"person"`
	Why     event.Private[string] `json:"why"`
}

// EventType is "case.directed".
func (Directed) EventType() string { return "case.directed" }

// EventType is "case.dissent_lodged".
func (DissentLodged) EventType() string { return "case.dissent_lodged" }

// EventType is "case.dissent_closed".
func (DissentClosed) EventType() string { return "case.dissent_closed" }

// Direction is a direction as the case holds it; the last one stands.
type Direction struct {
	ID       string         `json:"id"`
	Office   Office         `json:"office"`
	Day      deadline.Date  `json:"day"`
	At       time.Time      `json:"at"`
	Person   string         `json:"person"`
	Outcomes []LineOutcome  `json:"outcomes"`
	Against  []string       `json:"against,omitempty"`
	Text     DirectionText  `json:"text"`
	Erased   *event.Erasure `json:"erased,omitempty"`
}

// CaseDissent is a dissent as the case holds it.
type CaseDissent struct {
	ID       string        `json:"id"`
	Person   string        `json:"person"`
	Roles    []access.Role `json:"roles"`
	Stage    Stage         `json:"stage"`
	At       time.Time     `json:"at"`
	Text     Text          `json:"text"`
	Closed   time.Time     `json:"closed,omitzero"`
	ClosedBy string        `json:"closed_by,omitempty"`
	Why      Text          `json:"why,omitzero"`
}

// Direction is the direction that stands, the last one of this decision; nil where
// there is none.
func (c *Case) Direction() *Direction {
	n, a := len(c.Directions), c.Again()
	if n > 0 && (a == nil || !c.Directions[n-1].At.Before(a.At)) {
		return &c.Directions[n-1]
	}
	return nil
}

// OpenDissents counts the dissents that no auditor has closed.
func (c *Case) OpenDissents() (n int) {
	for _, x := range c.Dissents {
		if x.Closed.IsZero() {
			n++
		}
	}
	return n
}

func (d *decider) direct(cmd Direct) error {
	if err := newID("direction", cmd.Direction, slices.ContainsFunc(d.c.Directions, func(x Direction) bool { return x.ID == cmd.Direction })); err != nil {
		return err
	}
	bad := fault.New(fault.Invalid, "licensing.direction.invalid")
	if !slices.Contains(Offices, cmd.Office) || strings.TrimSpace(cmd.Who) == "" || !party.Bounded(cmd.Who, MaxShort) {
		bad.Field("who", "licensing.direction.who")
	}
	if !cmd.Day.Valid() || cmd.Day > deadline.DateOf(d.f.Now, d.f.zone()) {
		bad.Field("day", "licensing.direction.day")
	}
	if strings.TrimSpace(cmd.Text) == "" || !party.Bounded(cmd.Text, MaxLong) {
		bad.Field("text", "licensing.direction.text")
	}
	if err := bad.Or(); err != nil {
		return err
	}
	if d.c.Proposal == nil {
		return fault.New(fault.Blocked, "licensing.direction.no_view")
	}
	if err := d.lineOutcomes(cmd.Outcomes); err != nil {
		return err
	}
	return d.emit(Directed{
		Direction: cmd.Direction, Office: cmd.Office, Day: cmd.Day, Person: d.f.Actor.person(), Outcomes: sorted(cmd.Outcomes), Against: d.c.against(cmd.Outcomes),
		Text: event.P(d.stream, DirectionText{Who: cmd.Who, Text: cmd.Text}),
	})
}

// against names what a direction goes against: the recommendation, and each
// department's advice that would refuse what is let go, or let go what is
// refused.
func (c *Case) against(outcomes []LineOutcome) []string {
	var out []string
	proposed := map[string]Outcome{}
	for _, o := range c.Proposal.Outcomes {
		proposed[o.Line] = o.Outcome
	}
	if slices.ContainsFunc(outcomes, func(o LineOutcome) bool { return proposed[o.Line] != o.Outcome }) {
		out = append(out, "recommendation")
	}
	for _, a := range c.Advice {
		if !a.Superseded && slices.ContainsFunc(outcomes, func(o LineOutcome) bool {
			return slices.ContainsFunc(a.Facts, func(v ViewFact) bool {
				return (v.Line == "" || v.Line == o.Line) && (v.Advice == Refuse) == o.Outcome.LetsGo()
			})
		}) {
			out = append(out, a.ID)
		}
	}
	return out
}

// directed holds a decision to the direction that it carries out.
func (d *decider) directed(f *fault.Error, cmd DecideCase) *Direction {
	if cmd.Direction == "" {
		return nil
	}
	x := d.c.Direction()
	switch {
	case x == nil || x.ID != cmd.Direction:
		f.Item("decision", "licensing.direction.none")
	case !same(x.Outcomes, sorted(cmd.Outcomes)):
		f.Item("decision", "licensing.direction.differs")
	case x.Person == d.f.Actor.person():
		f.Item("decision", "licensing.direction.same_person")
	}
	return x
}

func (d *decider) lodgeDissent(cmd LodgeDissent) error {
	if err := newID("dissent", cmd.Dissent, slices.ContainsFunc(d.c.Dissents, func(x CaseDissent) bool { return x.ID == cmd.Dissent })); err != nil {
		return err
	}
	if err := text("text", cmd.Text, true); err != nil {
		return err
	}
	return d.emit(DissentLodged{Dissent: cmd.Dissent, Person: d.f.Actor.person(), Roles: d.f.Actor.Roles, Stage: d.c.Stage, Text: d.private(cmd.Text)})
}

func (d *decider) closeDissent(cmd CloseDissent) error {
	if !slices.ContainsFunc(d.c.Dissents, func(x CaseDissent) bool { return x.ID == cmd.Dissent && x.Closed.IsZero() }) {
		return fault.New(fault.Conflict, "licensing.dissent.none")
	}
	if err := text("why", cmd.Why, true); err != nil {
		return err
	}
	return d.emit(DissentClosed{Dissent: cmd.Dissent, Person: d.f.Actor.person(), Why: d.private(cmd.Why)})
}
