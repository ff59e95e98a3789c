package incidents

import (
	"fmt"
	"slices"
	"strings"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/party"
)

// KindPresumption is the kind of the streams of presumptions: "presumption/COUNTRY".
const KindPresumption = "presumption"

// PresumptionSet presumes denial for a destination from a day.
type PresumptionSet struct {
	Incident string                `json:"incident"`
	From     deadline.Date         `json:"from"`
	Person   string                `json:"person"`
	Why      event.Private[string] `json:"why"`
}

// PresumptionLifted ends it.
type PresumptionLifted struct {
	Person string                `json:"person"`
	Why    event.Private[string] `json:"why"`
}

// CaseExempted says why it does not hold for one case.
type CaseExempted struct {
	Case   string                `json:"case"`
	Person string                `json:"person"`
	Why    event.Private[string] `json:"why"`
}

// EventType is "presumption.set".
func (PresumptionSet) EventType() string { return "presumption.set" }

// EventType is "presumption.lifted".
func (PresumptionLifted) EventType() string { return "presumption.lifted" }

// EventType is "presumption.case_exempted".
func (CaseExempted) EventType() string { return "presumption.case_exempted" }

// Exemption is a case for which it does not hold.
type Exemption struct {
	Case string `json:"case"`
	Why  Text   `json:"why"`
	By   By     `json:"by"`
}

// Presumption is the presumption of denial for one destination.
type Presumption struct {
	Country  string        `json:"country"`
	Incident string        `json:"incident,omitempty"`
	From     deadline.Date `json:"from,omitempty"`
	Why      Text          `json:"why,omitzero"`
	Set      By            `json:"set,omitzero"`
	Lifted   By            `json:"lifted,omitzero"`
	Reason   Text          `json:"reason,omitzero"` // for lifting it
	Exempt   []Exemption   `json:"exempt,omitempty"`
}

// Holds tells whether it holds for a case on a day.
func (p *Presumption) Holds(caseID string, on deadline.Date) bool {
	return p.From != "" && p.Lifted.Account == "" && p.From <= on && !slices.ContainsFunc(p.Exempt, func(x Exemption) bool { return x.Case == caseID })
}

// Apply implements event.State.
func (p *Presumption) Apply(r event.Recorded) error {
	by := event.ByOf(r)
	switch e := r.Event.(type) {
	case PresumptionSet:
		*p = Presumption{Country: r.Stream.ID(), Incident: e.Incident, From: e.From, Why: event.TextOf(e.Why), Set: by}
	case PresumptionLifted:
		p.Lifted, p.Reason = by, event.TextOf(e.Why)
	case CaseExempted:
		p.Exempt = append(p.Exempt, Exemption{e.Case, event.TextOf(e.Why), by})
	default:
		return fmt.Errorf("incidents: a presumption does not know %q", r.Event.EventType())
	}
	return nil
}

// Rows implements event.State.
func (p *Presumption) Rows() []event.Row { return nil }

// Lift ends a presumption.
type Lift struct{ Country, Why string }

// Exempt says why a presumption does not hold for a case, by its reference.
type Exempt struct{ Country, Case, Why string }

// Stream is the presumption's stream.
func (c Lift) Stream() event.Stream { return PresumptionStream(c.Country) }

// Stream is the presumption's stream.
func (c Exempt) Stream() event.Stream { return PresumptionStream(c.Country) }

// PresumptionStream is the stream of the presumption for a destination.
func PresumptionStream(country string) event.Stream {
	return event.StreamOf(KindPresumption, country)
}

// PresumptionFacts are what the caller gathered: the case that was named, as it
// is for that destination.
type PresumptionFacts struct {
	Person string
	Case   string // id of the open case with that reference and destination; "" for none
}

// DecideLift lifts a presumption.
func DecideLift(p *Presumption, c Lift, f PresumptionFacts) ([]event.New, error) {
	bad := fault.New(fault.Invalid, "incidents.invalid")
	why := words(bad, "why", c.Why)
	if p.From == "" || p.Lifted.Account != "" {
		return nil, fault.New(fault.Conflict, "incidents.presumption.none")
	}
	return []event.New{{Stream: c.Stream(), Event: PresumptionLifted{f.Person, event.P(c.Stream(), why)}}}, bad.Or()
}

// DecideExempt exempts a case.
func DecideExempt(p *Presumption, c Exempt, f PresumptionFacts) ([]event.New, error) {
	bad := fault.New(fault.Invalid, "incidents.invalid")
	if f.Case == "" {
		bad.Field("case", "incidents.presumption.case")
	}
	why := words(bad, "why", c.Why)
	if p.From == "" || p.Lifted.Account != "" {
		return nil, fault.New(fault.Conflict, "incidents.presumption.none")
	}
	return []event.New{{Stream: c.Stream(), Event: CaseExempted{f.Case, f.Person, event.P(c.Stream(), why)}}}, bad.Or()
}

// maxText bounds a text, in characters.
const maxText = 20_000

// words trims a text that is asked for and says where it is missing or too long.
func words(bad *fault.Error, field, text string) string {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		bad.Field(field, "incidents.missing."+field)
	case !party.Bounded(text, maxText):
		bad.Field(field, "incidents.long", "max", maxText)
	}
	return text
}
