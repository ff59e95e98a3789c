package licensing

import (
	"slices"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
)

// RecusalGround is why somebody keeps out of a case.
type RecusalGround string

// RecusalGrounds are all of them, in the order in which they are offered.
var RecusalGrounds = []RecusalGround{"family", "money", "employment", "earlier_part", "other"}

// Recuse keeps a person out of the case: they may read it and do nothing in it.
// Everybody may recuse themselves; a coordinator or senior officer others.
type Recuse struct {
	On
	Person string // account
	Ground RecusalGround
	Why    string
}

// LiftRecusal lets a person act again; never the person themselves.
type LiftRecusal struct {
	On
	Person string
	Why    string
}

// Name is "case.recuse".
func (Recuse) Name() string { return "case.recuse" }

// Name is "case.lift_recusal".
func (LiftRecusal) Name() string { return "case.lift_recusal" }

// Recused keeps a person out.
type Recused struct {
	Person string                `json:"person"`
	Ground RecusalGround         `json:"ground"`
	Own    bool                  `json:"own,omitempty"` // by themselves
	Why    event.Private[string] `json:"why"`
}

// RecusalLifted lets them act again.
type RecusalLifted struct {
	Person string                `json:"person"`
	Why    event.Private[string] `json:"why"`
}

// EventType is "case.recused".
func (Recused) EventType() string { return "case.recused" }

// EventType is "case.recusal_lifted".
func (RecusalLifted) EventType() string { return "case.recusal_lifted" }

// Recusal is that a person keeps out, since when and why.
type Recusal struct {
	Person string        `json:"person"`
	Ground RecusalGround `json:"ground"`
	Own    bool          `json:"own,omitempty"`
	At     time.Time     `json:"at"`
	By     string        `json:"by"`
	Why    Text          `json:"why,omitzero"`
	Lifted time.Time     `json:"lifted,omitzero"`
}

// RecusalOf is the recusal of a person that stands; nil where there is none.
func (c *Case) RecusalOf(person string) *Recusal {
	for i := range c.Recusals {
		if r := &c.Recusals[i]; r.Person == person && r.Lifted.IsZero() {
			return r
		}
	}
	return nil
}

// KeptOut is the refusal that a recused person meets; nil for everybody else.
func (c *Case) KeptOut(a Actor) error {
	r := c.RecusalOf(a.person())
	if r == nil || a.person() == "" {
		return nil
	}
	return fault.New(fault.Denied, "licensing.recused", "ground", string(r.Ground), "date", r.At)
}

func mayRecuseOthers(a Actor) bool {
	return a.Has(access.CaseCoordinator) || a.Has(access.SeniorOfficer)
}

func (d *decider) recuse(cmd Recuse) error {
	own := cmd.Person == d.f.Actor.person()
	switch {
	case cmd.Person == "" || len(cmd.Person) > 64:
		return fault.New(fault.Invalid, "licensing.recusal.person").Field("person", "licensing.recusal.person")
	case !own && !mayRecuseOthers(d.f.Actor):
		return fault.New(fault.Denied, "licensing.recusal.other")
	case d.c.RecusalOf(cmd.Person) != nil:
		return fault.New(fault.Conflict, "licensing.recusal.stands")
	case !slices.Contains(RecusalGrounds, cmd.Ground):
		return fault.New(fault.Invalid, "licensing.recusal.ground").Field("ground", "licensing.recusal.ground")
	}
	if err := text("why", cmd.Why, true); err != nil {
		return err
	}
	if err := d.emit(Recused{Person: cmd.Person, Ground: cmd.Ground, Own: own, Why: d.private(cmd.Why)}); err != nil {
		return err
	}
	if d.c.Officer == cmd.Person {
		return d.emit(Unassigned{Officer: cmd.Person, Why: d.private(cmd.Why)})
	}
	return nil
}

func (d *decider) liftRecusal(cmd LiftRecusal) error {
	switch {
	case d.c.RecusalOf(cmd.Person) == nil:
		return fault.New(fault.Conflict, "licensing.recusal.none")
	case cmd.Person == d.f.Actor.person() || !mayRecuseOthers(d.f.Actor):
		return fault.New(fault.Denied, "licensing.recusal.self")
	}
	if err := text("why", cmd.Why, true); err != nil {
		return err
	}
	return d.emit(RecusalLifted{Person: cmd.Person, Why: d.private(cmd.Why)})
}
