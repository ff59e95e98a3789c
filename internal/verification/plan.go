package verification

import (
	"fmt"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/party"
)

// KindPlan is the kind of the streams of plans: "plan/ID".
const KindPlan = "plan"

// Bounds of a plan.
const (
	MaxPool  = 5_000
	MaxPicks = 200
	maxText  = 20_000
	maxLine  = 300
)

// By is who did something, and when.
type By = event.By

// PlanDrawn says which licences were drawn, of which, by what weights and seed.
type PlanDrawn struct {
	From    deadline.Date         `json:"from"` // licences under which something left from this day
	To      deadline.Date         `json:"to"`   // to this one
	Rules   string                `json:"rules"`
	Seed    string                `json:"seed"`
	Wanted  int                   `json:"wanted"`
	Pool    []Candidate           `json:"pool"`
	Picks   []string              `json:"picks"` // in the order of the draw
	Purpose event.Private[string] `json:"purpose"`
}

// EventType is "plan.drawn".
func (PlanDrawn) EventType() string { return "plan.drawn" }

// Plan is one draw. It never changes: who draws again makes another plan, and
// both stay.
type Plan struct {
	ID      string         `json:"id"`
	From    deadline.Date  `json:"from"`
	To      deadline.Date  `json:"to"`
	Rules   string         `json:"rules"`
	Seed    string         `json:"seed"`
	Wanted  int            `json:"wanted"`
	Pool    []Candidate    `json:"pool"`
	Picks   []string       `json:"picks"`
	Purpose string         `json:"purpose"`
	Erased  *event.Erasure `json:"erased,omitempty"`
	Drawn   By             `json:"drawn"`
}

// DrawPlan draws licences to look at.
type DrawPlan struct {
	Plan     string // id made by the caller
	From, To deadline.Date
	Wanted   int
	Purpose  string
}

// Stream is the plan's stream.
func (c DrawPlan) Stream() event.Stream { return event.StreamOf(KindPlan, c.Plan) }

// PlanFacts are what the caller gathered.
type PlanFacts struct {
	Now   time.Time
	Seed  string // drawn by the node, at least 16 bytes in hex
	Rules string // version
	Pool  []Candidate
}

// DecidePlan draws.
func DecidePlan(p *Plan, c DrawPlan, f PlanFacts) ([]event.New, error) {
	if p.ID != "" {
		return nil, fault.New(fault.Conflict, "verification.sent")
	}
	if !isSeed(f.Seed) {
		return nil, fmt.Errorf("verification: a seed has 16 to 64 bytes in hex")
	}
	bad, today := fault.New(fault.Invalid, "verification.invalid"), deadline.DateOf(f.Now, time.UTC)
	if !c.From.Valid() {
		bad.Field("from", "verification.from.missing")
	}
	if !c.To.Valid() || c.To < c.From || c.To > today {
		bad.Field("to", "verification.to.invalid")
	}
	if c.Wanted < 1 || c.Wanted > MaxPicks {
		bad.Field("wanted", "verification.wanted", "max", MaxPicks)
	}
	purpose := words(bad, "purpose", c.Purpose, maxText)
	if err := bad.Or(); err != nil {
		return nil, err
	}
	switch {
	case len(f.Pool) == 0:
		return nil, fault.New(fault.Blocked, "verification.pool.empty")
	case len(f.Pool) > MaxPool:
		return nil, fault.New(fault.Blocked, "verification.pool.large", "max", MaxPool)
	}
	return []event.New{{Stream: c.Stream(), Event: PlanDrawn{
		From: c.From, To: c.To, Rules: f.Rules, Seed: f.Seed, Wanted: c.Wanted, Pool: f.Pool, Picks: Draw(f.Seed, f.Pool, c.Wanted), Purpose: event.P(c.Stream(), purpose),
	}}}, nil
}

// Again tells whether the draw comes out the same from what was recorded.
func (p *Plan) Again() bool {
	again := Draw(p.Seed, p.Pool, p.Wanted)
	if len(again) != len(p.Picks) {
		return false
	}
	for i := range again {
		if again[i] != p.Picks[i] {
			return false
		}
	}
	return true
}

// Candidate finds one of the pool.
func (p *Plan) Candidate(id string) (Candidate, bool) {
	for _, c := range p.Pool {
		if c.ID == id {
			return c, true
		}
	}
	return Candidate{}, false
}

// Apply implements event.State.
func (p *Plan) Apply(r event.Recorded) error {
	e, ok := r.Event.(PlanDrawn)
	if !ok {
		return fmt.Errorf("verification: a plan does not know %q", r.Event.EventType())
	}
	*p = Plan{
		ID: r.Stream.ID(), From: e.From, To: e.To, Rules: e.Rules, Seed: e.Seed, Wanted: e.Wanted, Pool: e.Pool, Picks: e.Picks,
		Purpose: e.Purpose.Value, Erased: e.Purpose.Erased, Drawn: event.ByOf(r),
	}
	return nil
}

// Rows implements event.State.
func (p *Plan) Rows() []event.Row {
	if p.ID == "" {
		return nil
	}
	return []event.Row{{Table: "plan_row", ID: p.ID, Columns: []event.Column{
		event.C("purpose", p.Purpose), event.C("drawn", p.Drawn.At), event.C("pool", int64(len(p.Pool))), event.C("picks", int64(len(p.Picks))),
	}}}
}

// words trims a text that is asked for and says where it is missing or too long.
func words(bad *fault.Error, field, text string, limit int) string {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		bad.Field(field, "verification.missing."+field)
	case !party.Bounded(text, limit):
		bad.Field(field, "verification.long", "max", limit)
	}
	return text
}
