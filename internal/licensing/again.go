package licensing

import (
	"slices"
	"time"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
)

// Way is how a decision came about.
type Way string

// The ways. A case is decided for the first time once; every later decision says
// what it came of.
const (
	AtFirst     Way = "first"
	OnAppeal    Way = "appeal"
	OnReopening Way = "reopening"
)

// ReopenGround is why the authority opens a decided case again.
type ReopenGround string

// ReopenGrounds are all of them, in the order in which they are offered.
var ReopenGrounds = []ReopenGround{"new_facts", "mistake", "court", "law"}

// Reopen has a decided case decided anew. The decision in force stays in force,
// with its licence, until the new one; what must stop now is suspended.
type Reopen struct {
	On
	Ground ReopenGround
	Why    string // what has come to be known; stays inside
	Told   string // to the applicant
}

// Name is "case.reopen".
func (Reopen) Name() string { return "case.reopen" }

// ReopenText is why, inside, and as the applicant is told.
type ReopenText struct {
	Why  string `json:"why"`
	Told string `json:"told"`
}

// Reopened has a case decided anew.
type Reopened struct {
	To     Stage                     `json:"to"`
	Again  int                       `json:"again"` // number of the decision to come
	Ground ReopenGround              `json:"ground"`
	Person string                    `json:"person"`
	Basis  int                       `json:"basis"`
	Clock  ClockMark                 `json:"clock"`
	Text   event.Private[ReopenText] `json:"text"`
}

// EventType is "case.reopened".
func (Reopened) EventType() string { return "case.reopened" }

// Again is a decision that is taken anew, and what it came of.
type Again struct {
	Number   int            `json:"number"` // of the decision, from 2
	Way      Way            `json:"way"`
	At       time.Time      `json:"at"`
	By       string         `json:"by"`
	Appeal   string         `json:"appeal,omitempty"`
	Outcomes []LineOutcome  `json:"outcomes,omitempty"` // to which the reviewers bound it
	Ground   ReopenGround   `json:"ground,omitempty"`
	Words    ReopenText     `json:"words,omitzero"`
	Erased   *event.Erasure `json:"erased,omitempty"`
}

// number is the decision's own; the first is 1.
func (d *Decision) number() int { return max(d.Number, 1) }

// Decisions are all of them, the one in force last. None is ever taken away.
func (c *Case) Decisions() []Decision {
	if c.Decision == nil {
		return nil
	}
	return append(slices.Clone(c.Former), *c.Decision)
}

// Intentions are what the applicant was ever told is intended, the present one
// last.
func (c *Case) Intentions() []IntendedRefusal {
	if c.Intended == nil {
		return c.Heard
	}
	return append(slices.Clone(c.Heard), *c.Intended)
}

// First is the first decision; nil where there is none.
func (c *Case) First() *Decision {
	if len(c.Former) > 0 {
		return &c.Former[0]
	}
	return c.Decision
}

// Again is the decision anew that the case is on its way to; nil where it is on
// its way to the first, or stands decided.
func (c *Case) Again() *Again {
	if n := len(c.Rounds); n > 0 && c.Rounds[n-1].Number > c.Decision.number() {
		return &c.Rounds[n-1]
	}
	return nil
}

// anew begins a decision anew: what led to the last one stays on record and binds
// no more, and somebody else takes the case up.
func (c *Case) anew(a Again) {
	c.Rounds = append(c.Rounds, a)
	if c.Proposal != nil {
		c.Earlier, c.Proposal = append(c.Earlier, *c.Proposal), nil
	}
	for i := range c.Signatures {
		c.Signatures[i].Void = true
	}
	if c.Intended != nil {
		c.Heard, c.Intended = append(c.Heard, *c.Intended), nil
	}
	c.Officer = ""
}

func (d *decider) reopen(cmd Reopen) error {
	if !slices.Contains(ReopenGrounds, cmd.Ground) {
		return fault.New(fault.Invalid, "licensing.reopen.ground").Field("ground", "licensing.reopen.ground")
	}
	if err := text("why", cmd.Why, true); err != nil {
		return err
	}
	if err := text("told", cmd.Told, true); err != nil {
		return err
	}
	clock, err := d.mark(Starts, startClock(d.f))
	if err != nil {
		return err
	}
	return d.emit(Reopened{
		To: Assessment, Again: d.c.Decision.number() + 1, Ground: cmd.Ground, Person: d.f.Actor.person(), Basis: d.c.Basis + 1, Clock: clock,
		Text: event.P(d.stream, ReopenText{Why: cmd.Why, Told: cmd.Told}),
	})
}

// bound holds a decision anew to what it came of: after an appeal others decide,
// and as the reviewers said.
func (d *decider) bound(f *fault.Error, cmd DecideCase) {
	a := d.c.Again()
	if a == nil || a.Way != OnAppeal {
		return
	}
	if d.c.TookPart(d.f.Actor.person(), nil) {
		f.Item("decision#appeals", "licensing.appeal.took_part")
	}
	for _, want := range a.Outcomes {
		for _, o := range cmd.Outcomes {
			if o.Line == want.Line && o.Outcome != want.Outcome {
				f.Item("decision#appeals", "licensing.appeal.bound", "line", o.Line)
			}
		}
	}
}

// heardOnAppeal tells whether the reviewers, who heard the applicant, left a line
// refused.
func (c *Case) heardOnAppeal(line string) bool {
	a := c.Again()
	return a != nil && slices.ContainsFunc(a.Outcomes, func(o LineOutcome) bool { return o.Line == line && o.Outcome == RefuseLine })
}

// replaced ends the licence of the decision that is no longer in force. What left
// under it counts against the new one.
func (d *decider) replaced(why string) []event.New {
	l := d.f.Licence
	if l == nil || l.Now() == Revoked || l.Now() == Expired || l.Now() == Surrendered {
		return nil
	}
	stream := event.StreamOf(KindLicence, l.ID)
	return []event.New{{Stream: stream, Event: LicenceRevoked{Person: d.f.Actor.person(), Ground: "decided_anew", Why: event.P(stream, why)}}}
}

// left is what a new licence still lets go of a line, after what left under the
// one that it replaces; false where that was all.
func (d *decider) left(n LicenceLine) (LicenceLine, bool) {
	if d.f.Licence == nil || d.c.Again() == nil {
		return n, true
	}
	used := min(d.f.Licence.Used(n.Line), n.Quantity)
	if used == 0 || n.Quantity == 0 {
		return n, true
	}
	rest := n.Quantity - used
	n.Value, n.Quantity = share(n.Value, rest, n.Quantity), rest
	return n, rest > 0
}
