package licensing

import (
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
)

// Duty is what a condition asks for by a day: a report or a log every so many
// days, or once until a day. Conditions without a day are duties all the same;
// they are not reported on, and can be broken.
type Duty struct {
	Condition *Condition
	Number    int           // of the report, from 1
	Due       deadline.Date //
	Asked     bool          // one was sent and did not make it clear
}

// Reported is a report on a duty, and what the authority made of it.
type Reported struct {
	Condition string        `json:"condition"`
	Number    int           `json:"number"`
	Due       deadline.Date `json:"due"`
	Day       deadline.Date `json:"day"` // on which it came
	By        string        `json:"by"`
	Said      Text          `json:"said,omitzero"`
	Found     DutyResult    `json:"found,omitempty"` // empty: nobody has looked at it
	FoundBy   string        `json:"found_by,omitempty"`
	Why       Text          `json:"why,omitzero"`
}

// DutyResult is what the authority made of a report.
type DutyResult string

// The results of a review.
const (
	DutyKept     DutyResult = "kept"
	DutyNotKept  DutyResult = "not_kept" // a breach
	DutyNotClear DutyResult = "not_clear"
)

// DutyResults are all of them, in the order in which they are offered.
var DutyResults = []DutyResult{DutyKept, DutyNotKept, DutyNotClear}

// Breach is a condition that was found broken.
type Breach struct {
	Condition string        `json:"condition"`
	Day       deadline.Date `json:"day"` // on which it was found
	By        string        `json:"by"`
	Why       Text          `json:"why,omitzero"`
}

// DutyReported is the holder's report.
type DutyReported struct {
	Condition string                `json:"condition"`
	Number    int                   `json:"number"`
	Due       deadline.Date         `json:"due"`
	Day       deadline.Date         `json:"day"`
	Said      event.Private[string] `json:"said"`
}

// DutyReviewed is what the authority made of it.
type DutyReviewed struct {
	Condition string                `json:"condition"`
	Number    int                   `json:"number"`
	Result    DutyResult            `json:"result"`
	Why       event.Private[string] `json:"why"`
}

// BreachFound says that a condition was broken.
type BreachFound struct {
	Condition string                `json:"condition"`
	Day       deadline.Date         `json:"day"`
	Why       event.Private[string] `json:"why"`
}

// ReportDuty is the holder's report on the next open duty of a condition.
type ReportDuty struct {
	OnLicence
	Condition string
	Number    int
	Said      string
}

// ReviewDuty records what the authority makes of the report that waits.
type ReviewDuty struct {
	OnLicence
	Condition string
	Number    int
	Result    DutyResult
	Why       string
}

// FindBreach records that a condition was broken, however it came to light.
type FindBreach struct {
	OnLicence
	Condition string
	Why       string
}

// Name is "licence.report_duty".
func (ReportDuty) Name() string { return "licence.report_duty" }

// Name is "licence.review_duty".
func (ReviewDuty) Name() string { return "licence.review_duty" }

// Name is "licence.find_breach".
func (FindBreach) Name() string { return "licence.find_breach" }

// Condition finds a condition by its id; nil where there is none.
func (l *Licence) Condition(id string) *Condition {
	for i := range l.Conditions {
		if l.Conditions[i].ID == id {
			return &l.Conditions[i]
		}
	}
	return nil
}

// dueOf is the day by which the nth report on a condition is due: so many days
// from the licence's first day, the last one on the condition's last day. Empty
// where none is due any more, or ever.
func (l *Licence) dueOf(c *Condition, n int) deadline.Date {
	end := l.Until
	if c.Until != "" && c.Until < end {
		end = c.Until
	}
	switch {
	case c.EveryDays <= 0 && c.Until != "" && n == 1:
		return end
	case c.EveryDays <= 0 || !l.From.Valid():
		return ""
	case n > 1 && l.From.Add((n-1)*c.EveryDays) >= end:
		return ""
	}
	return min(l.From.Add(n*c.EveryDays), end)
}

// latest is the last report on a duty; nil where there is none.
func (l *Licence) latest(condition string, n int) *Reported {
	for i := len(l.Reports) - 1; i >= 0; i-- {
		if r := &l.Reports[i]; r.Condition == condition && r.Number == n {
			return r
		}
	}
	return nil
}

// Open is the next duty of a condition that waits for its holder's report; false
// where none does.
func (l *Licence) Open(c *Condition) (Duty, bool) {
	n, asked := 1, false
	for ; ; n++ {
		r := l.latest(c.ID, n)
		if asked = r != nil && r.Found == DutyNotClear; r == nil || asked {
			break
		}
	}
	due := l.dueOf(c, n)
	return Duty{Condition: c, Number: n, Due: due, Asked: asked}, due != ""
}

// Duties are the open duties of all conditions, in their order.
func (l *Licence) Duties() (out []Duty) {
	for i := range l.Conditions {
		if d, open := l.Open(&l.Conditions[i]); open {
			out = append(out, d)
		}
	}
	return out
}

// Waiting is the report of a condition that nobody has looked at, the earliest
// first; nil where none waits.
func (l *Licence) Waiting(condition string) *Reported {
	for i := range l.Reports {
		if r := &l.Reports[i]; r.Condition == condition && r.Found == "" {
			return r
		}
	}
	return nil
}

func (l *Licence) reportDuty(c ReportDuty, f Facts) (event.Event, error) {
	k := l.Condition(c.Condition)
	if k == nil {
		return nil, fault.New(fault.NotFound, "licensing.duty.unknown")
	}
	d, open := l.Open(k)
	if !open || d.Number != c.Number {
		return nil, fault.New(fault.Conflict, "licensing.duty.not_open")
	}
	if err := text("said", c.Said, true); err != nil {
		return nil, err
	}
	return DutyReported{Condition: k.ID, Number: d.Number, Due: d.Due, Day: deadline.DateOf(f.Now, f.zone()), Said: event.P(c.Stream(), c.Said)}, nil
}

func (l *Licence) reviewDuty(c ReviewDuty, f Facts) ([]event.Event, error) {
	r := l.Waiting(c.Condition)
	if r == nil || r.Number != c.Number {
		return nil, fault.New(fault.Conflict, "licensing.duty.not_waiting")
	}
	if c.Result != DutyKept && c.Result != DutyNotKept && c.Result != DutyNotClear {
		return nil, fault.New(fault.Invalid, "licensing.duty.result").Field("result", "licensing.duty.result")
	}
	if err := text("why", c.Why, true); err != nil {
		return nil, err
	}
	events := []event.Event{DutyReviewed{Condition: c.Condition, Number: c.Number, Result: c.Result, Why: event.P(c.Stream(), c.Why)}}
	if c.Result == DutyNotKept {
		events = append(events, BreachFound{Condition: c.Condition, Day: deadline.DateOf(f.Now, f.zone()), Why: event.P(c.Stream(), c.Why)})
	}
	return events, nil
}

func (l *Licence) findBreach(c FindBreach, f Facts) (event.Event, error) {
	if l.Condition(c.Condition) == nil {
		return nil, fault.New(fault.Invalid, "licensing.duty.unknown").Field("condition", "licensing.duty.unknown")
	}
	if err := text("why", c.Why, true); err != nil {
		return nil, err
	}
	return BreachFound{Condition: c.Condition, Day: deadline.DateOf(f.Now, f.zone()), Why: event.P(c.Stream(), c.Why)}, nil
}

// applyDuty folds an event about duties in; false where it is none.
func (l *Licence) applyDuty(r event.Recorded) bool {
	switch e := r.Event.(type) {
	case DutyReported:
		l.Reports = append(l.Reports, Reported{Condition: e.Condition, Number: e.Number, Due: e.Due, Day: e.Day, By: r.Actor, Said: event.TextOf(e.Said)})
	case DutyReviewed:
		if w := l.Waiting(e.Condition); w != nil {
			w.Found, w.FoundBy, w.Why = e.Result, r.Actor, event.TextOf(e.Why)
		}
	case BreachFound:
		l.Breaches = append(l.Breaches, Breach{Condition: e.Condition, Day: e.Day, By: r.Actor, Why: event.TextOf(e.Why)})
	default:
		return false
	}
	return true
}

// dutyRows are what is due under the licence and what waits to be looked at.
func (l *Licence) dutyRows() (rows []event.Row) {
	row := func(id, state string, c *Condition, due deadline.Date) {
		rows = append(rows, event.Row{Table: "licence_duty", ID: l.ID + "/" + id, Columns: []event.Column{
			event.C("licence_id", l.ID), event.C("reference", l.Reference), event.C("org", l.Org), event.C("compartment", l.Compartment),
			event.C("condition", c.ID), event.C("type", string(c.Type)), event.C("state", state), event.C("due", string(due)),
		}})
	}
	for i := range l.Conditions {
		c := &l.Conditions[i]
		if d, open := l.Open(c); open {
			row(c.ID+"/open", "open", c, d.Due)
		}
		if w := l.Waiting(c.ID); w != nil {
			row(c.ID+"/waiting", "waiting", c, w.Due)
		}
	}
	return rows
}
