package licensing

import (
	"strings"

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

// Bound is what somebody is bound to for a time: the conditions in force, those
// that a variation has ended, and what was reported and found under them.
type Bound struct {
	From       deadline.Date `json:"from"`
	Until      deadline.Date `json:"until"`
	Conditions []Condition   `json:"conditions,omitempty"`
	Ended      []Condition   `json:"ended,omitempty"`
	Reports    []Reported    `json:"reports,omitempty"`
	Breaches   []Breach      `json:"breaches,omitempty"`
}

// Reported is a report on a duty, and what the authority made of it.
type Reported struct {
	Condition string        `json:"condition"`
	Number    int           `json:"number"`
	Due       deadline.Date `json:"due"`
	Day       deadline.Date `json:"day"` // on which it came
	By        string        `json:"by"`
	Said      Text          `json:"said,omitzero"`

	Documents []DocumentFact `json:"documents,omitempty"` // in the vault of the case
	Titles    []string       `json:"titles,omitempty"`

	Found   DutyResult `json:"found,omitempty"` // empty: nobody has looked at it
	FoundBy string     `json:"found_by,omitempty"`
	Why     Text       `json:"why,omitzero"`
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

	Documents []DocumentFact          `json:"documents,omitempty"`
	Titles    event.Private[[]string] `json:"titles,omitzero"`
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
	Documents []Document // received in the vault of the case
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
func (b *Bound) Condition(id string) *Condition {
	for _, c := range b.all() {
		if c.ID == id {
			return c
		}
	}
	return nil
}

// dueOf is the day by which the nth report on a condition is due: so many days
// from the day since which it binds, the last one on the condition's last day.
// Empty where none is due any more, or ever: what an ended condition would have
// asked for after its end is not owed.
func (b *Bound) dueOf(c *Condition, n int) deadline.Date {
	from, end := b.From, b.Until
	if c.Since != "" {
		from = c.Since
	}
	if c.Until != "" && (end == "" || c.Until < end) {
		end = c.Until
	}
	if end == "" { // an undertaking binds without end
		end = "9999-12-31"
	}
	due := end
	switch {
	case c.EveryDays <= 0 && c.Until != "" && n == 1:
	case c.EveryDays <= 0 || !from.Valid() || n > 1 && from.Add((n-1)*c.EveryDays) >= end:
		return ""
	default:
		due = min(from.Add(n*c.EveryDays), end)
	}
	if c.Ended != "" && due > c.Ended {
		return ""
	}
	return due
}

// all are the conditions in force, then those that have ended.
func (b *Bound) all() []*Condition {
	out := make([]*Condition, 0, len(b.Conditions)+len(b.Ended))
	for i := range b.Conditions {
		out = append(out, &b.Conditions[i])
	}
	for i := range b.Ended {
		out = append(out, &b.Ended[i])
	}
	return out
}

// latest is the last report on a duty; nil where there is none.
func (b *Bound) latest(condition string, n int) *Reported {
	for i := len(b.Reports) - 1; i >= 0; i-- {
		if r := &b.Reports[i]; r.Condition == condition && r.Number == n {
			return r
		}
	}
	return nil
}

// Open is the next duty of a condition that waits for its holder's report; false
// where none does.
func (b *Bound) Open(c *Condition) (Duty, bool) {
	n, asked := 1, false
	for ; ; n++ {
		r := b.latest(c.ID, n)
		if asked = r != nil && r.Found == DutyNotClear; r == nil || asked {
			break
		}
	}
	due := b.dueOf(c, n)
	return Duty{Condition: c, Number: n, Due: due, Asked: asked}, due != ""
}

// Duties are the open duties of all conditions, in their order.
func (b *Bound) Duties() (out []Duty) {
	for _, c := range b.all() {
		if d, open := b.Open(c); open {
			out = append(out, d)
		}
	}
	return out
}

// Waiting is the report of a condition that nobody has looked at, the earliest
// first; nil where none waits.
func (b *Bound) Waiting(condition string) *Reported {
	for i := range b.Reports {
		if r := &b.Reports[i]; r.Condition == condition && r.Found == "" {
			return r
		}
	}
	return nil
}

func (b *Bound) reportDuty(on event.Stream, c ReportDuty, f Facts) (event.Event, error) {
	k := b.Condition(c.Condition)
	if k == nil {
		return nil, fault.New(fault.NotFound, "licensing.duty.unknown")
	}
	d, open := b.Open(k)
	if !open || d.Number != c.Number {
		return nil, fault.New(fault.Conflict, "licensing.duty.not_open")
	}
	if strings.TrimSpace(c.Said) == "" {
		return nil, fault.New(fault.Invalid, "licensing.duty.said_missing").Field("text", "licensing.duty.said_missing")
	}
	if err := text("text", c.Said, false); err != nil {
		return nil, err
	}
	if err := documents(c.Documents); err != nil {
		return nil, err
	}
	e := DutyReported{Condition: k.ID, Number: d.Number, Due: d.Due, Day: deadline.DateOf(f.Now, f.zone()), Said: event.P(on, c.Said), Documents: factsOf(c.Documents)}
	if len(c.Documents) > 0 {
		e.Titles = event.P(on, titlesOf(c.Documents))
	}
	return e, nil
}

func (b *Bound) reviewDuty(on event.Stream, c ReviewDuty, f Facts) ([]event.Event, error) {
	r := b.Waiting(c.Condition)
	if r == nil || r.Number != c.Number {
		return nil, fault.New(fault.Conflict, "licensing.duty.not_waiting")
	}
	if c.Result != DutyKept && c.Result != DutyNotKept && c.Result != DutyNotClear {
		return nil, fault.New(fault.Invalid, "licensing.duty.result").Field("result", "licensing.duty.result")
	}
	if err := text("why", c.Why, true); err != nil {
		return nil, err
	}
	events := []event.Event{DutyReviewed{Condition: c.Condition, Number: c.Number, Result: c.Result, Why: event.P(on, c.Why)}}
	if c.Result == DutyNotKept {
		events = append(events, BreachFound{Condition: c.Condition, Day: deadline.DateOf(f.Now, f.zone()), Why: event.P(on, c.Why)})
	}
	return events, nil
}

func (b *Bound) findBreach(on event.Stream, c FindBreach, f Facts) (event.Event, error) {
	if b.Condition(c.Condition) == nil {
		return nil, fault.New(fault.Invalid, "licensing.duty.unknown").Field("condition", "licensing.duty.unknown")
	}
	if err := text("why", c.Why, true); err != nil {
		return nil, err
	}
	return BreachFound{Condition: c.Condition, Day: deadline.DateOf(f.Now, f.zone()), Why: event.P(on, c.Why)}, nil
}

// applyDuty folds an event about duties in; false where it is none.
func (b *Bound) applyDuty(r event.Recorded) bool {
	switch e := r.Event.(type) {
	case DutyReported:
		b.Reports = append(b.Reports, Reported{Condition: e.Condition, Number: e.Number, Due: e.Due, Day: e.Day, By: r.Actor, Said: event.TextOf(e.Said), Documents: e.Documents, Titles: e.Titles.Value})
	case DutyReviewed:
		if w := b.Waiting(e.Condition); w != nil {
			w.Found, w.FoundBy, w.Why = e.Result, r.Actor, event.TextOf(e.Why)
		}
	case BreachFound:
		b.Breaches = append(b.Breaches, Breach{Condition: e.Condition, Day: e.Day, By: r.Actor, Why: event.TextOf(e.Why)})
	default:
		return false
	}
	return true
}

// dutyOwner is what duties are listed under.
type dutyOwner struct{ kind, id, reference, org, compartment string }

// dutyRows are what is due and what waits to be looked at.
func (b *Bound) dutyRows(of dutyOwner) (rows []event.Row) {
	row := func(id, state string, c *Condition, due deadline.Date) {
		rows = append(rows, event.Row{Table: "licence_duty", ID: of.id + "/" + id, Columns: []event.Column{
			event.C("licence_id", of.id), event.C("reference", of.reference), event.C("org", of.org), event.C("compartment", of.compartment),
			event.C("condition", c.ID), event.C("type", string(c.Type)), event.C("state", state), event.C("due", string(due)), event.C("kind", of.kind),
		}})
	}
	for _, c := range b.all() {
		if d, open := b.Open(c); open {
			row(c.ID+"/open", "open", c, d.Due)
		}
		if w := b.Waiting(c.ID); w != nil {
			row(c.ID+"/waiting", "waiting", c, w.Due)
		}
	}
	return rows
}
