package licensing

import (
	"slices"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/party"
)

// Vote is a member's position in a committee.
type Vote string

// The votes.
const (
	VoteFor     Vote = "for"
	VoteAgainst Vote = "against"
	VoteAbstain Vote = "abstain"
)

// Votes are all of them, in the order in which they are offered.
var Votes = []Vote{VoteFor, VoteAgainst, VoteAbstain}

// Escalate puts a question on which departments differ before the committee. No
// decision is taken until it is minuted.
type Escalate struct {
	On
	Escalation string // id
	Question   string
}

// Position is a member's vote, and what they hold against the majority.
type Position struct {
	Name    string `json:"name"`
	Vote    Vote   `json:"vote"`
	Dissent string `json:"dissent,omitempty"` // required to vote against
}

// Minute writes down what the committee came to, with every dissent in its
// member's own words. It advises; it decides nothing.
type Minute struct {
	On
	Escalation string
	Outcomes   []LineOutcome // what the majority would do
	Positions  []Position
	Text       string
}

// Name is "case.escalate".
func (Escalate) Name() string { return "case.escalate" }

// Name is "case.minute".
func (Minute) Name() string { return "case.minute" }

// Escalated puts a question before the committee.
type Escalated struct {
	Escalation string                `json:"escalation"`
	Person     string                `json:"person"`
	Due        time.Time             `json:"due"`
	Question   event.Private[string] `json:"question"`
}

// MinuteText is the private part of minutes.
type MinuteText struct {
	Text      string     `json:"text"`
	Positions []Position `json:"positions"`
}

// Minuted is what the committee came to.
type Minuted struct {
	Escalation string                    `json:"escalation"`
	Person     string                    `json:"person"` // who wrote the minutes
	Late       bool                      `json:"late,omitempty"`
	Outcomes   []LineOutcome             `json:"outcomes"`
	Votes      map[Vote]int              `json:"votes"`
	Text       event.Private[MinuteText] `json:"text"`
}

// EventType is "case.escalated".
func (Escalated) EventType() string { return "case.escalated" }

// EventType is "case.minuted".
func (Minuted) EventType() string { return "case.minuted" }

// Escalation is a question before the committee, and its minutes.
type Escalation struct {
	ID       string         `json:"id"`
	At       time.Time      `json:"at"`
	By       string         `json:"by"`
	Due      time.Time      `json:"due"`
	Question Text           `json:"question"`
	Minuted  time.Time      `json:"minuted,omitzero"`
	Late     bool           `json:"late,omitempty"`
	Outcomes []LineOutcome  `json:"outcomes,omitempty"`
	Votes    map[Vote]int   `json:"votes,omitempty"`
	Minutes  MinuteText     `json:"minutes,omitzero"`
	Erased   *event.Erasure `json:"erased,omitempty"`
}

// Escalation finds a question before the committee by its id.
func (c *Case) Escalation(id string) *Escalation {
	for i := range c.Escalations {
		if c.Escalations[i].ID == id {
			return &c.Escalations[i]
		}
	}
	return nil
}

// BeforeCommittee is the question that waits for minutes; nil where none does.
func (c *Case) BeforeCommittee() *Escalation {
	for i := range c.Escalations {
		if c.Escalations[i].Minuted.IsZero() {
			return &c.Escalations[i]
		}
	}
	return nil
}

func (d *decider) escalate(cmd Escalate) error {
	if err := newID("escalation", cmd.Escalation, d.c.Escalation(cmd.Escalation) != nil); err != nil {
		return err
	}
	if err := text("question", cmd.Question, true); err != nil {
		return err
	}
	if d.c.BeforeCommittee() != nil {
		return fault.New(fault.Conflict, "licensing.committee.waits")
	}
	due, err := d.due("", d.f.CommitteePeriod)
	if err != nil {
		return err
	}
	return d.emit(Escalated{Escalation: cmd.Escalation, Person: d.f.Actor.person(), Due: due, Question: d.private(cmd.Question)})
}

func (d *decider) minute(cmd Minute) error {
	x := d.c.Escalation(cmd.Escalation)
	if x == nil || !x.Minuted.IsZero() {
		return fault.New(fault.Conflict, "licensing.committee.none")
	}
	if err := text("text", cmd.Text, true); err != nil {
		return err
	}
	e := Minuted{Escalation: x.ID, Person: d.f.Actor.person(), Late: d.f.Now.After(x.Due), Outcomes: sorted(cmd.Outcomes), Votes: map[Vote]int{}}
	seen := map[string]bool{}
	for _, p := range cmd.Positions {
		switch {
		case strings.TrimSpace(p.Name) == "" || seen[p.Name] || !party.Bounded(p.Name, MaxShort) || !slices.Contains(Votes, p.Vote) || !party.Bounded(p.Dissent, MaxLong):
			return fault.New(fault.Invalid, "licensing.committee.positions").Field("positions", "licensing.committee.positions")
		case p.Vote == VoteAgainst && strings.TrimSpace(p.Dissent) == "":
			return fault.New(fault.Invalid, "licensing.committee.dissent").Field("positions", "licensing.committee.dissent")
		}
		seen[p.Name] = true
		e.Votes[p.Vote]++
	}
	if len(cmd.Positions) < 2 || len(cmd.Positions) > 50 {
		return fault.New(fault.Invalid, "licensing.committee.positions").Field("positions", "licensing.committee.positions")
	}
	if err := d.lineOutcomes(cmd.Outcomes); err != nil {
		return err
	}
	e.Text = event.P(d.stream, MinuteText{Text: cmd.Text, Positions: cmd.Positions})
	return d.emit(e)
}

// applyProcedure folds what is no step of the case's own way: who keeps out, what
// was directed, what is held against it, what the committee came to.
func (c *Case) applyProcedure(r event.Recorded) bool {
	switch e := r.Event.(type) {
	case Recused:
		c.Recusals = append(c.Recusals, Recusal{Person: e.Person, Ground: e.Ground, Own: e.Own, At: r.Time, By: r.Actor, Why: event.TextOf(e.Why)})
	case RecusalLifted:
		if x := c.RecusalOf(e.Person); x != nil {
			x.Lifted = r.Time
		}
	case Directed:
		c.Directions = append(c.Directions, Direction{ID: e.Direction, Office: e.Office, Day: e.Day, At: r.Time, Person: e.Person, Outcomes: e.Outcomes, Against: e.Against, Text: e.Text.Value, Erased: e.Text.Erased})
	case DissentLodged:
		c.Dissents = append(c.Dissents, CaseDissent{ID: e.Dissent, Person: e.Person, Roles: e.Roles, Stage: e.Stage, At: r.Time, Text: event.TextOf(e.Text)})
	case DissentClosed:
		for i := range c.Dissents {
			if x := &c.Dissents[i]; x.ID == e.Dissent {
				x.Closed, x.ClosedBy, x.Why = r.Time, e.Person, event.TextOf(e.Why)
			}
		}
	case Escalated:
		c.Escalations = append(c.Escalations, Escalation{ID: e.Escalation, At: r.Time, By: e.Person, Due: e.Due, Question: event.TextOf(e.Question)})
	case Minuted:
		if x := c.Escalation(e.Escalation); x != nil {
			x.Minuted, x.Late, x.Outcomes, x.Votes, x.Minutes, x.Erased = r.Time, e.Late, e.Outcomes, e.Votes, e.Text.Value, e.Text.Erased
		}
	default:
		return false
	}
	return true
}
