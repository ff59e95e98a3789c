package licensing

import (
	"slices"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
)

// What an applicant undertakes so that no licence is needed binds as conditions
// bind a licence: it is reported on, looked at, and can be broken. So it is kept
// as a Licence that lets nothing more go, in a stream of its own with the id of
// its case: no customs, no check code and no list of licences knows it.

// KindUndertaking is the kind of the streams of undertakings, by the id of the case.
const KindUndertaking = "undertaking"

// The statuses of an undertaking.
const (
	Undertook LicenceStatus = "undertook" // it binds
	Released  LicenceStatus = "released"  // it binds no longer
)

// UndertakingGiven binds whoever gave it from the day of the decision. Where a
// case is decided again, it takes the place of the earlier one.
type UndertakingGiven struct {
	Case        string                     `json:"case"`
	CaseRef     string                     `json:"case_ref"`
	Org         string                     `json:"org"`
	Compartment string                     `json:"compartment,omitempty"`
	Destination string                     `json:"destination"`
	Parties     []PartyFact                `json:"parties"`
	Conditions  []Condition                `json:"conditions"` // without words
	Day         deadline.Date              `json:"day"`
	Text        event.Private[LicenceText] `json:"text"`
}

// UndertakingReleased ends it.
type UndertakingReleased struct {
	Day deadline.Date         `json:"day"`
	Why event.Private[string] `json:"why"`
}

// EventType is "undertaking.given".
func (UndertakingGiven) EventType() string { return "undertaking.given" }

// EventType is "undertaking.released".
func (UndertakingReleased) EventType() string { return "undertaking.released" }

// Release ends an undertaking: what fell due before is still owed.
type Release struct {
	OnLicence
	Why string
}

// Name is "undertaking.release".
func (Release) Name() string { return "undertaking.release" }

// OnUndertaking names the undertaking of a case.
func OnUndertaking(id string) OnLicence { return OnLicence{Licence: id, Undertaking: true} }

// UnderUndertaking are the conditions on which lines may leave without a licence.
func UnderUndertaking(outcomes []LineOutcome, conditions []Condition) (taken []Condition) {
	var lines []string
	for _, o := range outcomes {
		if o.Outcome == Undertaken {
			lines = append(lines, o.Line)
		}
	}
	for _, k := range conditions {
		if len(lines) > 0 && len(k.Lines) == 0 || slices.ContainsFunc(k.Lines, func(l string) bool { return contains(lines, l) }) {
			taken = append(taken, k)
		}
	}
	return taken
}

// undertake adds the undertaking under which lines may leave without a licence,
// or ends that of the decision before.
func (d *decider) undertake(cmd DecideCase) {
	taken, stream, day := UnderUndertaking(cmd.Outcomes, cmd.Conditions), OnUndertaking(d.c.ID).Stream(), deadline.DateOf(d.f.Now, d.f.zone())
	if len(taken) == 0 {
		if d.c.Decision.undertook() {
			d.events = append(d.events, event.New{Stream: stream, Event: UndertakingReleased{Day: day, Why: event.P(stream, cmd.Reasons)}})
		}
		return
	}
	app := d.c.App()
	e := UndertakingGiven{
		Case: d.c.ID, CaseRef: d.c.Reference, Org: d.c.Org, Compartment: d.c.Compartment, Destination: app.EndUse.Country,
		Conditions: wordless(taken), Day: day, Text: event.P(stream, LicenceText{Title: app.Title, Conditions: taken}),
	}
	if v := d.c.Current(); v != nil {
		e.Parties = slices.Clone(v.Parties)
	}
	d.events = append(d.events, event.New{Stream: stream, Event: e})
}

// Undertook tells whether a decision of the case made an undertaking.
func (c *Case) Undertook() bool {
	return c.Decision.undertook() || slices.ContainsFunc(c.Former, func(d Decision) bool { return d.undertook() })
}

func (d *Decision) undertook() bool {
	return d != nil && slices.ContainsFunc(d.Lines, func(l LineDecision) bool { return l.Outcome == Undertaken })
}

// applyUndertaking folds an event of an undertaking in; false where it is none.
func (l *Licence) applyUndertaking(r event.Recorded) bool {
	switch e := r.Event.(type) {
	case UndertakingGiven:
		before, history := l.Bound, l.History
		conditions := e.Conditions
		if e.Text.Erased == nil {
			conditions = e.Text.Value.Conditions
		}
		*l = Licence{
			ID: r.Stream.ID(), Reference: e.CaseRef, Case: e.Case, CaseRef: e.CaseRef, Kind: KindUndertaking, Org: e.Org, Compartment: e.Compartment,
			Destination: e.Destination, Parties: e.Parties, Title: e.Text.Value.Title, Erased: e.Text.Erased, History: history, Issued: r.Time, Changed: r.Time,
			Bound: Bound{From: e.Day, Conditions: conditions, Reports: before.Reports, Breaches: before.Breaches, Ended: before.Ended},
		}
		l.Ended = slices.DeleteFunc(l.Ended, func(k Condition) bool {
			return slices.ContainsFunc(conditions, func(c Condition) bool { return c.ID == k.ID })
		})
		for _, k := range before.Conditions {
			if l.Condition(k.ID) == nil {
				k.Ended = e.Day
				l.Ended = append(l.Ended, k)
			}
		}
		l.History = append(l.History, LicenceChange{At: r.Time, Seq: r.Seq, By: r.Actor, Status: Undertook})
	case UndertakingReleased:
		for i := range l.Conditions {
			l.Conditions[i].Ended = e.Day
		}
		l.History = append(l.History, LicenceChange{At: r.Time, Seq: r.Seq, By: r.Actor, Status: Released, Why: event.TextOf(e.Why)})
	default:
		return false
	}
	return true
}
