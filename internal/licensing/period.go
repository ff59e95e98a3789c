package licensing

import (
	"fmt"
	"slices"
	"time"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
)

// A case has more clocks than the authority's own target: each law that applies
// may set a period, begun by one event and ended by another, in days of its own
// kind and calendar, which stands still for some waits and not for others. A pack
// declares them; what every event does to them is recorded beside it, so that a
// later pack changes nothing of what was counted.

// Wait is something that a case waits for, and that a period may stand still for.
type Wait string

// The waits.
const (
	WaitInformation Wait = "information" // a request for information is open
	WaitCommittee   Wait = "committee"   // a question lies before the committee
)

// Waits are all of them.
var Waits = []Wait{WaitInformation, WaitCommittee}

// PeriodRule is a period as a pack declares it.
type PeriodRule struct {
	ID         string          `json:"id"`
	Law        string          `json:"law"` // body of law, "us"; empty: a target of the authority
	Text       string          `json:"text"`
	Source     string          `json:"source"`
	AsOf       deadline.Date   `json:"as_of,omitempty"` // the text of the law that it was read in
	Unverified bool            `json:"unverified,omitempty"`
	Period     deadline.Period `json:"period"`
	Calendar   string          `json:"calendar"`        // id
	Kinds      []string        `json:"kinds,omitempty"` // of cases; none: all
	Starts     []string        `json:"starts"`          // types of events
	Stops      []Wait          `json:"stops,omitempty"`
	Ends       []string        `json:"ends"` // types of events
}

// Check refuses a period that no event could begin or end.
func (p PeriodRule) Check() error {
	for _, typ := range slices.Concat(p.Starts, p.Ends) {
		if !slices.ContainsFunc(Events(), func(e event.Event) bool { return e.EventType() == typ }) {
			return fmt.Errorf("licensing: the period %q names %q, which is no event of a case", p.ID, typ)
		}
	}
	for _, w := range p.Stops {
		if !slices.Contains(Waits, w) {
			return fmt.Errorf("licensing: the period %q stands still for %q, which no case waits for", p.ID, w)
		}
	}
	if len(p.Starts) == 0 || len(p.Ends) == 0 {
		return fmt.Errorf("licensing: the period %q needs what begins and what ends it", p.ID)
	}
	return nil
}

// PeriodTick is what an event did to one period.
type PeriodTick struct {
	Period   string        `json:"period"`
	Effect   Effect        `json:"effect"`
	Cause    string        `json:"cause"`              // type of the event that did it
	Waits    string        `json:"waits,omitempty"`    // where it stops or runs: for what, "rfi/3"
	By       string        `json:"by,omitempty"`       // who began a wait that was there before the period
	Rule     *PeriodRule   `json:"rule,omitempty"`     // where it starts
	Days     int           `json:"days,omitempty"`     // where it moves
	Calendar string        `json:"calendar,omitempty"` // id and version, where it starts or moves
	Mark     deadline.Mark `json:"mark"`
}

// PeriodsTicked stands beside an event that moved periods of laws.
type PeriodsTicked struct {
	Ticks []PeriodTick `json:"ticks"`
}

// EventType is "case.periods_ticked".
func (PeriodsTicked) EventType() string { return "case.periods_ticked" }

// CasePeriod is a period that was begun, and its clock.
type CasePeriod struct {
	Rule  PeriodRule     `json:"rule"`
	Clock deadline.Clock `json:"clock"`
}

// ticked are the periods after a tick. It counts no days.
func ticked(all []CasePeriod, t PeriodTick, at time.Time, actor string) []CasePeriod {
	if t.Effect == Starts {
		k := deadline.StartFor(t.Rule.Period, at).With(t.Mark)
		k.Calendar = t.Calendar
		return append(all, CasePeriod{Rule: *t.Rule, Clock: k})
	}
	i := running(all, t.Period)
	if i < 0 {
		return all
	}
	if t.By != "" {
		actor = t.By
	}
	k := all[i].Clock
	switch t.Effect {
	case Stops:
		k = k.Stop(at, t.Waits, actor)
	case Runs:
		k = k.Release(at, t.Waits)
	case Moves:
		k.Days, k.Calendar = t.Days, t.Calendar
	case Ends:
		k = k.End(at)
	}
	all[i].Clock = k.With(t.Mark)
	return all
}

// running is the place of the period that has begun and not ended; -1: none.
func running(all []CasePeriod, id string) int {
	return slices.IndexFunc(all, func(p CasePeriod) bool { return p.Rule.ID == id && p.Clock.Ended.IsZero() })
}

// waitOf says which wait an event begins or ends, and how it is named.
func waitOf(e event.Event) (wait Wait, ref string, begins bool) {
	switch e := e.(type) {
	case InformationAsked:
		return WaitInformation, "rfi/" + e.RFI, true
	case InformationAnswered:
		if !e.Holding {
			return WaitInformation, "rfi/" + e.RFI, false
		}
	case InformationClosed:
		return WaitInformation, "rfi/" + e.RFI, false
	case Escalated:
		return WaitCommittee, "committee/" + e.Escalation, true
	case Minuted:
		return WaitCommittee, "committee/" + e.Escalation, false
	}
	return "", "", false
}

// waiting are the ticks for what a case waits for already, in the order in which
// that began, of those that a period stands still for.
func (c *Case) waiting(stops []Wait) (out []PeriodTick) {
	at := map[string]time.Time{}
	add := func(wait Wait, ref, by string, since time.Time) {
		if slices.Contains(stops, wait) {
			at[ref], out = since, append(out, PeriodTick{Effect: Stops, Waits: ref, By: by})
		}
	}
	for _, q := range c.RFIs {
		if q.Open() {
			add(WaitInformation, "rfi/"+q.ID, q.AskedBy, q.AskedAt)
		}
	}
	if x := c.BeforeCommittee(); x != nil {
		add(WaitCommittee, "committee/"+x.ID, x.By, x.At)
	}
	slices.SortStableFunc(out, func(a, b PeriodTick) int { return at[a.Waits].Compare(at[b.Waits]) })
	return out
}

// periods says beside the events what they do to the periods of laws: those that
// run by the rule under which they were begun, those that begin by the pack's.
func (d *decider) periods() error {
	all := slices.Clone(d.c.Periods)
	var done PeriodsTicked
	tick := func(rule PeriodRule, t PeriodTick) error {
		t.Period = rule.ID
		next := ticked(slices.Clone(all), t, d.f.Now, d.f.Actor.Account)
		i := len(next) - 1
		if t.Effect != Starts {
			i = running(all, rule.ID)
		}
		cal := d.f.Calendars[rule.Calendar]
		if cal == nil {
			return missingFact("Calendars")
		}
		m, err := cal.Reckon(next[i].Clock, d.f.Now)
		if err != nil {
			return fault.New(fault.Unavailable, "licensing.calendar.beyond", "calendar", cal.ID).Because(err)
		}
		if t.Effect == Starts || t.Effect == Moves {
			t.Calendar = cal.ID + "@" + cal.Version
			next[i].Clock.Calendar = t.Calendar
		}
		t.Mark = m
		next[i].Clock = next[i].Clock.With(m)
		all, done.Ticks = next, append(done.Ticks, t)
		return nil
	}
	for _, n := range d.events {
		typ := n.Event.EventType()
		for _, p := range slices.Clone(all) {
			if !p.Clock.Ended.IsZero() {
				continue
			}
			t, moved := d.moves(p, n.Event)
			if t.Cause = typ; moved {
				if err := tick(p.Rule, t); err != nil {
					return err
				}
			}
		}
		for _, rule := range d.f.Periods {
			if !slices.Contains(rule.Starts, typ) || running(all, rule.ID) >= 0 || len(rule.Kinds) > 0 && !slices.Contains(rule.Kinds, d.f.Kind.ID) {
				continue
			}
			if err := tick(rule, PeriodTick{Effect: Starts, Cause: typ, Rule: &rule}); err != nil {
				return err
			}
			for _, t := range d.c.waiting(rule.Stops) {
				t.Cause = typ
				if err := tick(rule, t); err != nil {
					return err
				}
			}
		}
	}
	if len(done.Ticks) == 0 {
		return nil
	}
	return d.emit(done)
}

// moves is what an event does to a period that has begun.
func (d *decider) moves(p CasePeriod, e event.Event) (PeriodTick, bool) {
	if slices.Contains(p.Rule.Ends, e.EventType()) {
		return PeriodTick{Effect: Ends}, true
	}
	if wait, ref, begins := waitOf(e); slices.Contains(p.Rule.Stops, wait) {
		if begins {
			return PeriodTick{Effect: Stops, Waits: ref}, true
		}
		return PeriodTick{Effect: Runs, Waits: ref}, true
	}
	if _, ok := e.(ClockMoved); ok {
		t := PeriodTick{Effect: Moves, Days: p.Clock.Days}
		for _, rule := range d.f.Periods {
			if rule.ID == p.Rule.ID {
				t.Days = rule.Period.Days
			}
		}
		return t, true
	}
	return PeriodTick{}, false
}

// Clocks are every clock of a case in the order in which they began: the target
// of the decision, those before it, and the periods of laws. The rule of a target
// has no id.
func (c *Case) Clocks() []CasePeriod {
	var out []CasePeriod
	for _, k := range append(slices.Clone(c.Ticked), c.Clock) {
		if !k.Started.IsZero() {
			out = append(out, CasePeriod{Clock: k})
		}
	}
	out = append(out, c.Periods...)
	slices.SortStableFunc(out, func(a, b CasePeriod) int { return a.Clock.Started.Compare(b.Clock.Started) })
	return out
}

// Nearest is the clock by which a case stands in lists: of those that run the one
// that is due first, else the target of the decision.
func (c *Case) Nearest() CasePeriod {
	out := CasePeriod{Clock: c.Clock}
	for _, p := range c.Periods {
		if p.Clock.Running() && !p.Clock.Due.IsZero() && (!out.Clock.Running() || p.Clock.Due.Before(out.Clock.Due)) {
			out = p
		}
	}
	return out
}
